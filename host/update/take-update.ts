/**
 * Takes an update to the inactive set (specification "updates" 7.1). Acts.
 *
 * Power may fail anywhere: what the next boot's migrations need is complete before the set can be started, and what the
 * way back to the version in the inactive set needs stays until that version is gone.
 */
import { join } from "node:path";
import { withLock } from "../linux/lock.ts";
import { changeHostSets, type HostPlace } from "./host-sets.ts";
import { type ImagesToWrite, writeImages } from "./install/write-images.ts";
import type { Update } from "./manifest.ts";
import { neededMigrations } from "./migration-list.ts";
import { MANIFEST, type Offers } from "./offers.ts";
import { recordPrepared } from "./prepared.ts";
import { cachePlaces, stageCopy } from "./repository/index.ts";
import type { TargetSource } from "./target-source.ts";
import type { Version } from "./version.ts";

/** Two of these at once would take each other's copy for the next boot away. */
const LOCK = "run/pinwheel/take-update.lock";
const LOCK_PATIENCE_MS = 1000;

export interface Taking {
  readonly place: HostPlace;
  /** The version that runs. */
  readonly running: Version;
  readonly offers: Pick<Offers, "repository" | "manifest">;
  readonly update: Update;
  /** Throws when the migrations would not come through. @param source  of the migrations */
  readonly rehearse: (source: TargetSource) => Promise<void>;
  readonly progress: ImagesToWrite["progress"];
  /** Ends it; the inactive set then stays as it is, or cleared. */
  readonly signal: AbortSignal;
}

/**
 * Writes the update's images, and leaves for the next boot the migrations to its version.
 *
 * @throws Failure "migration-list/broken", repository/…, and what the rehearsal throws, before any partition is touched; those of `writeImages`, after
 *   which the inactive set is cleared
 */
export async function takeUpdate(taking: Taking): Promise<void> {
  await withLock(join(taking.place.root, LOCK), LOCK_PATIENCE_MS, () => take(taking));
}

async function take({ place, running, offers, update, rehearse, progress, signal }: Taking): Promise<void> {
  const { repository, manifest } = offers;
  const { images, version } = update;
  repository.tell("target", version.text);
  const cached = [...neededMigrations(manifest, running, version), MANIFEST];
  // Whatever is not there, is known before anything is changed.
  for (const name of [...Object.values(images), ...cached]) repository.targets.length(name);
  const copy = await stageCopy(repository, cached, cachePlaces(place.root));
  repository.tell("migrations", cached.join(","));
  await rehearse(copy.targets);
  signal.throwIfAborted();

  await changeHostSets(place, "clear-inactive");
  await copy.commit();
  await recordPrepared(place.root, version.text);
  await writeImages({ place, source: repository.targets, images, progress, signal });
}
