/** The copy of the repository that an update leaves for the next boot's migrations (specification "updates" 11.3). */
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../../linux/files.ts";
import type { TargetSource } from "../target-source.ts";
import { fail } from "./failures.ts";
import { readTrustedRoot } from "./repository.ts";
import { type RoleFiles, verifyRoles } from "./roles.ts";
import { type TargetFiles, VerifiedTargets } from "./targets.ts";

export interface CachePlaces {
  /** Directory of the roles, such as `2.root.json` and `timestamp.json`. */
  readonly metadata: string;
  /** Directory of the targets, each with its hash in front of its name. */
  readonly targets: string;
}

/**
 * Opens the copy. Signatures, versions and hashes are enforced; that something has expired is not: the host may have
 * been off for weeks, and its clock may be wrong at boot.
 *
 * @param rootFile  the trusted root role of the image that runs
 * @throws repository/… naming the file and the reason; the targets' methods, too
 */
export async function openCachedRepository(rootFile: string, places: CachePlaces): Promise<TargetSource> {
  const trusted = await readTrustedRoot(rootFile);
  const roles = await verifyRoles(cachedRoleFiles(places.metadata), trusted, { roots: [] }, "whenever");
  return new VerifiedTargets(roles, cachedTargetFiles(places.targets));
}

/** Files of roles in a directory. */
export function cachedRoleFiles(directory: string): RoleFiles {
  const urlOf = (name: string) => join(directory, name);
  return { urlOf, read: (name, limit) => readLimited(urlOf(name), limit) };
}

/** Files of targets in a directory. */
export function cachedTargetFiles(directory: string): TargetFiles {
  const urlOf = (name: string) => join(directory, name);
  return { urlOf, stream: (name, limit) => streamLimited(urlOf(name), limit) };
}

async function readLimited(path: string, limit: number): Promise<Buffer | undefined> {
  try {
    const file = await open(path, "r");
    try {
      const { size } = await file.stat();
      if (size > limit) throw fail("repository/too-long", { url: path, limit });
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return undefined;
    throw thrown;
  }
}

async function* streamLimited(path: string, limit: number): AsyncGenerator<Uint8Array> {
  let length = 0;
  try {
    for await (const chunk of createReadStream(path)) {
      length += chunk.length;
      if (length > limit) throw fail("repository/too-long", { url: path, limit });
      yield chunk;
    }
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") throw fail("repository/not-found", { url: path }, { cause: thrown });
    throw thrown;
  }
}
