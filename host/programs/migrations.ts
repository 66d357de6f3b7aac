/** The migrations of a verified repository between two versions: carried out at boot, and rehearsed before it. */
import { parseOsRelease, releaseFile } from "../api/index.ts";
import { readTextIfExists } from "../linux/files.ts";
import { buildModel, loadInstalledVariant, type Variant } from "../settings/index.ts";
import {
  type Direction,
  type Migration,
  parseMigration,
  type Render,
  rehearseMigrations,
} from "../store/migrations/index.ts";
import {
  compareVersions,
  type Manifest,
  readMigrationTexts,
  type TargetSource,
  type Version,
} from "../update/index.ts";

/** The version that carries migrations out. */
export interface MigratingHost {
  variant(): Promise<Variant>;
  /** The text of the release file, if there is one. */
  readRelease(): Promise<string | undefined>;
}

export const thisHost: MigratingHost = {
  variant: loadInstalledVariant,
  readRelease: () => readTextIfExists(releaseFile),
};

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
  const render = await templatesFor(migrations, thisHost);
  await rehearseMigrations(datastore, { direction: directionOf(from, to), migrations, render });
}

/** What fills in the templates of migrations. Its engine takes time to load, and few migrations have one. */
export async function templatesFor(migrations: readonly Migration[], host: MigratingHost): Promise<Render> {
  if (!migrations.some(({ steps }) => steps.some(({ kind }) => kind === "replace-template"))) {
    return (key) => {
      throw new Error(`No step has a template for ${key.text}`);
    };
  }
  const { parseValueTemplate } = await import("../apply/index.ts");
  const variant = await host.variant();
  const os = parseOsRelease((await host.readRelease()) ?? "", variant.arch);
  if (typeof os === "string") throw new Error(`${releaseFile} cannot be used: ${os}`);
  const model = buildModel(variant);
  return (key, template, leaves) =>
    parseValueTemplate(key.text, template).render(
      { settings: model.nest(leaves), os },
      { hostnameResolves: false, cpuCount: undefined },
    );
}

/** Which way it is from one version to another. */
export function directionOf(from: Version, to: Version): Direction {
  return compareVersions(from, to) < 0 ? "forward" : "backward";
}
