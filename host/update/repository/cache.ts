/**
 * Leaves for the next boot what its migrations need (specification "updates" 7.1): the very bytes that were verified.
 *
 * Until `commit` the copy that is there keeps working: a host that goes back instead needs its way back.
 */
import { chmod, open } from "node:fs/promises";
import { join } from "node:path";
import { disk, listIfExists, temporaryNameIn, writeWhole } from "../../linux/files.ts";
import { freeBytes } from "../../linux/free-space.ts";
import type { TargetSource } from "../target-source.ts";
import { type CachePlaces, cachedRoleFiles, cachedTargetFiles } from "./cached.ts";
import { earlierRoots } from "./earlier-roots.ts";
import { fail } from "./failures.ts";
import type { Repository } from "./repository.ts";
import type { RoleFile } from "./roles.ts";
import type { VerifiedTargets } from "./targets.ts";

const MIB = 1024 * 1024;
/** For the names in directories, and what else is written meanwhile. */
const SPARE_BYTES = 4 * MIB;

/** Where the copy is on a host. */
export function cachePlaces(root: string): CachePlaces {
  return {
    metadata: join(root, "var/cache/bottlerocket-metadata"),
    targets: join(root, "var/lib/bottlerocket-migrations"),
  };
}

export interface StagedCopy {
  /** What is in it. */
  readonly targets: TargetSource;
  /** The copy becomes the new one, and what only the old one needed is removed. */
  commit(): Promise<void>;
}

/**
 * Writes targets and roles beside those of the copy that is there.
 *
 * @param names  of the targets; all of them small
 * @throws repository/no-space before anything is written; repository/… when a target is not what was signed
 */
export async function stageCopy(
  repository: Repository,
  names: readonly string[],
  places: CachePlaces,
  free = freeBytes,
): Promise<StagedCopy> {
  await disk.makeDirectory(places.metadata);
  await disk.makeDirectory(places.targets);
  await chmod(places.targets, 0o700);
  const { targets, roles, roleFiles } = repository;
  const missing = [];
  for (const name of names) if (!(await isThere(targets, name, places.targets))) missing.push(name);
  const roots = new Map([
    ...roles.roots,
    ...(await earlierRoots(roles.roots, [cachedRoleFiles(places.metadata), roleFiles])),
  ]);
  const files: readonly RoleFile[] = [
    ...[...roots].map(([version, bytes]) => ({ name: `${version}.root.json`, bytes })),
    roles.targets,
    roles.snapshot,
  ];
  const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
  await needSpace(places.metadata, bytes, free);
  await needSpace(
    places.targets,
    missing.reduce((sum, name) => sum + targets.length(name), 0),
    free,
  );
  for (const name of missing) await writeTarget(targets, name, places.targets);
  const writeRole = (file: RoleFile) =>
    writeWhole(join(places.metadata, file.name), file.bytes, { durable: true });
  for (const file of files) await writeRole(file);
  return {
    targets: targets.from(cachedTargetFiles(places.targets)),
    commit: async () => {
      // Names the others: with it, the new copy is the one that is read.
      await writeRole(roles.timestamp);
      await removeOthers(
        places.metadata,
        [...files, roles.timestamp].map(({ name }) => name),
      );
      await removeOthers(
        places.targets,
        names.map((name) => targets.fileName(name)),
      );
    },
  };
}

async function isThere(targets: VerifiedTargets, name: string, directory: string): Promise<boolean> {
  try {
    await Array.fromAsync(targets.from(cachedTargetFiles(directory)).stream(name), () => undefined);
    return true;
  } catch {
    return false; // not there, or something else: it is fetched
  }
}

/** @param bytes  more that will be in the directory */
async function needSpace(path: string, bytes: number, free: typeof freeBytes): Promise<void> {
  const neededMiB = Math.ceil((bytes + SPARE_BYTES) / MIB);
  const freeMiB = Math.floor((await free(path)) / MIB);
  if (freeMiB < neededMiB) throw fail("repository/no-space", { path, neededMiB, freeMiB });
}

async function writeTarget(targets: VerifiedTargets, name: string, directory: string): Promise<void> {
  const temporary = temporaryNameIn(directory);
  try {
    const file = await open(temporary, "wx", 0o644);
    try {
      for await (const chunk of targets.stream(name)) await file.write(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    await disk.rename(temporary, join(directory, targets.fileName(name)));
  } catch (thrown) {
    await disk.remove(temporary);
    throw thrown;
  }
  await disk.syncDirectory(directory);
}

/** Temporary files of a run that was cut off are among them. */
async function removeOthers(directory: string, kept: readonly string[]): Promise<void> {
  for (const name of (await listIfExists(directory)) ?? []) {
    if (!kept.includes(name)) await disk.remove(join(directory, name));
  }
}
