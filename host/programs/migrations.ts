/** The migrations of a verified repository between two versions: carried out at boot, and rehearsed before it. */
import {
  type Direction,
  type Migration,
  parseMigration,
  rehearseMigrations,
} from "../store/migrations/index.ts";
import {
  compareVersions,
  type Manifest,
  readMigrationTexts,
  type TargetSource,
  type Version,
} from "../update/index.ts";

/** Where the store of a host is. */
export const DATASTORE = "/var/lib/bottlerocket/datastore/current";

/**
 * Reads the migrations from one version to another.
 *
 * @returns in the order in which they run
 * @throws Failure "migration-list/broken", "migration-target/…", "migrations/bad" also for a step that this version
 *   does not know; what the source throws
 */
export async function readMigrations(
  source: TargetSource,
  manifest: Pick<Manifest, "migrations">,
  from: Version,
  to: Version,
): Promise<readonly Migration[]> {
  const texts = await readMigrationTexts(source, manifest, from, to);
  return texts.map(({ name, text }) => parseMigration(name, text));
}

/**
 * Refuses an update whose migrations would fail at its first boot, or on the way back from it, while the version that
 * runs still runs. Nothing is changed. What it cannot know: see `rehearseMigrations`.
 *
 * @param source  the repository that has just been verified
 * @param from    the version that runs
 * @throws what `readMigrations` and `rehearseMigrations` throw
 */
export async function rehearseUpdate(
  source: TargetSource,
  manifest: Pick<Manifest, "migrations">,
  from: Version,
  to: Version,
  datastore = DATASTORE,
): Promise<void> {
  const migrations = await readMigrations(source, manifest, from, to);
  await rehearseMigrations(datastore, directionOf(from, to), migrations);
}

/** Which way it is from one version to another. */
export function directionOf(from: Version, to: Version): Direction {
  return compareVersions(from, to) < 0 ? "forward" : "backward";
}
