/** Changes of a manifest: a release added, its waves changed, a bad one withdrawn. Decides. */
import {
  compareVersions,
  instantText,
  type Manifest,
  type MigrationStep,
  migrationLists,
  type Update,
  type Version,
  type Waves,
  waveOutOfOrder,
} from "../host/update/index.ts";
import { fail } from "./failures.ts";

/** What an update is for. */
export interface Kind {
  readonly variant: string;
  readonly arch: string;
}

export const emptyManifest: Manifest = { updates: [], migrations: [] };

/**
 * Adds an update; the migrations of the tree replace those of the manifest.
 *
 * All updates of its variant and architecture get the same maximum version: the highest of them and of what it was.
 *
 * @throws publish/already-published, publish/waves-out-of-order, publish/migration-gap for hosts that it would leave behind
 */
export function addRelease(
  manifest: Manifest,
  release: Omit<Update, "maxVersion">,
  migrations: readonly MigrationStep[],
): Manifest {
  const { variant, arch, version, waves } = release;
  const others = manifest.updates.filter((update) => isOf(update, release));
  if (others.some((update) => compareVersions(update.version, version) === 0)) {
    throw fail("publish/already-published", { version: version.text, variant, arch });
  }
  checkWaves(version, waves);
  const listBetween = migrationLists(migrations);
  for (const { version: from } of others) {
    const list = listBetween(from, version);
    if (list.kind === "broken") {
      const [to, end] = [list.target.text, list.end.text];
      throw fail("publish/migration-gap", { from: from.text, to, end });
    }
  }
  const maxVersion = others.map((update) => update.maxVersion).reduce(higher, version);
  const updates = manifest.updates.map((update) =>
    isOf(update, release) ? { ...update, maxVersion } : update,
  );
  return { updates: [...updates, { ...release, maxVersion }], migrations };
}

/** Gives a published update other waves. @throws publish/no-such-version, publish/waves-out-of-order */
export function setWaves(manifest: Manifest, kind: Kind, version: Version, waves: Waves): Manifest {
  checkWaves(version, waves);
  checkIsThere(manifest, kind, version);
  return changeUpdates(manifest, kind, (update) =>
    compareVersions(update.version, version) === 0 ? { ...update, waves } : update,
  );
}

/**
 * Sets the highest version that hosts go to: those above it go back to it, those below stop there.
 *
 * @throws publish/no-such-version
 */
export function setMaxVersion(manifest: Manifest, kind: Kind, version: Version): Manifest {
  checkIsThere(manifest, kind, version);
  return changeUpdates(manifest, kind, (update) => ({ ...update, maxVersion: version }));
}

function changeUpdates(manifest: Manifest, kind: Kind, change: (update: Update) => Update): Manifest {
  return {
    ...manifest,
    updates: manifest.updates.map((update) => (isOf(update, kind) ? change(update) : update)),
  };
}

function isOf(update: Update, { variant, arch }: Kind): boolean {
  return update.variant === variant && update.arch === arch;
}

function higher(a: Version, b: Version): Version {
  return compareVersions(a, b) >= 0 ? a : b;
}

function checkIsThere(manifest: Manifest, kind: Kind, version: Version): void {
  const known = manifest.updates.filter((update) => isOf(update, kind)).map((update) => update.version);
  if (known.some((each) => compareVersions(each, version) === 0)) return;
  throw fail("publish/no-such-version", {
    version: version.text,
    ...kind,
    known: known.map(({ text }) => text),
  });
}

function checkWaves(version: Version, waves: Waves): void {
  const wrong = waveOutOfOrder(waves);
  if (wrong === undefined) return;
  const [before, after] = [wrong.before, wrong.after].map(
    ({ seed, time }) => `bound ${seed} at ${instantText(time)}`,
  );
  throw fail("publish/waves-out-of-order", {
    version: version.text,
    before: before ?? "",
    after: after ?? "",
  });
}

/** Targets that a manifest names. */
export function namedTargets(manifest: Manifest): ReadonlySet<string> {
  return new Set([
    ...manifest.updates.flatMap(({ images }) => [images.boot, images.root, images.hash]),
    ...manifest.migrations.flatMap(({ names }) => names),
  ]);
}
