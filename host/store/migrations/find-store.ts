/** Finds the store of a host and the version that it is for (specification "updates" 11.3). */
import { lstat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errorCode, realPathIfExists } from "../../linux/files.ts";
import { linkTarget } from "../version-links.ts";
import { fail } from "./failures.ts";

export interface FoundStore {
  /** The directory of the links and stores. */
  readonly base: string;
  /** The real directory of the store, below the base. */
  readonly directory: string;
  /** Three numbers: the links have no more. */
  readonly version: string;
}

/**
 * Finds a store by its link.
 *
 * @param path  usually `…/datastore/current`
 * @returns undefined if there is nothing at the path: then the host starts for the first time
 * @throws Failure "migrations/dangling", "migrations/not-a-chain"
 */
export async function findStore(path: string): Promise<FoundStore | undefined> {
  const directory = await realPathIfExists(path);
  if (directory === undefined) {
    if (await isThere(path)) throw fail("migrations/dangling", { path });
    return undefined;
  }
  const base = dirname(path);
  const names = [basename(path)];
  for (let link = 0; link < 3; link++) {
    const next = await linkTarget(join(base, names.at(-1) ?? ""));
    if (next === undefined || next.includes("/")) break;
    names.push(next);
  }
  const [, version] = /^v?([0-9]+\.[0-9]+\.[0-9]+)$/.exec(names[3] ?? "") ?? [];
  if (version === undefined) throw fail("migrations/not-a-chain", { path, found: names.join(" → ") });
  return { base: dirname(directory), directory, version };
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") return false;
    throw cause;
  }
}
