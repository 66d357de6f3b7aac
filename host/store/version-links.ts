/**
 * The links that lead to the store (specification "api" 3.4):
 *
 *     current → v1 → v1.11 → v1.11.1 → v1.11.1_<16 random alphanumerics>/
 *
 * The directory is made completely before any link, and `current` last: whoever finds `current` finds a
 * store. What an interrupted creation left is taken up by the next one.
 */
import { readlink } from "node:fs/promises";
import { join } from "node:path";
import {
  type Disk,
  disk,
  errorCode,
  listIfExists,
  realPathIfExists,
  replaceLink,
  writeWhole,
} from "../linux/files.ts";
import { randomName } from "../linux/random-name.ts";
import { documentText } from "./documents.ts";
import { fail } from "./failures.ts";
import { liveFile, readLive, removeTemporary } from "./read-store.ts";

/**
 * Finds the store that `current` leads to, or makes one for a version.
 *
 * @param base  absolute path; made if it does not exist
 * @returns the real directory, which holds a readable live document
 * @throws Failure "store/damaged", "store/missing" (the directory has no live document), "store/bad-version",
 *   "store/links-lost"
 */
export async function findOrCreateStore(
  base: string,
  version: string,
  on: Disk = disk,
): Promise<{ directory: string; created: boolean }> {
  await on.makeDirectory(base);
  await removeTemporary(base, on);
  const existing = await realPathIfExists(join(base, "current"));
  if (existing !== undefined) {
    await removeTemporary(existing, on);
    return { directory: existing, created: false };
  }
  const links = linkNames(version);
  const name = (await unfinishedStore(base, links.patch)) ?? newStoreName(version);
  const directory = join(base, name);
  await on.makeDirectory(directory);
  await removeTemporary(directory, on);
  if (!(await hasLive(directory))) {
    const text = documentText({ transaction: "", leaves: new Map() });
    await writeWhole(join(directory, liveFile), text, { durable: true }, on);
  }
  await on.syncDirectory(base);
  await pointLinks(base, version, name, on);
  return { directory, created: true };
}

/** @param version  in full, with what stands behind its three numbers */
export function newStoreName(version: string): string {
  return `v${version}_${randomName()}`;
}

/**
 * Makes the links of a version lead to a store, from the store on: each is on the medium before the next one. So
 * `current` leads to the one store or to the other, at the first link that the way to the old one passes over.
 *
 * @param version  begins with three numbers; what stands behind them is not in the links
 * @param name     of the store's directory, which is on the medium
 * @throws Failure "store/bad-version"
 */
export async function pointLinks(base: string, version: string, name: string, on: Disk): Promise<void> {
  const { major, minor, patch } = linkNames(version);
  const steps = [
    [name, patch],
    [patch, minor],
    [minor, major],
    [major, "current"],
  ] as const;
  for (const [target, link] of steps) {
    const path = join(base, link);
    if ((await linkTarget(path)) === target) continue;
    await replaceLink(target, path, on);
    await on.syncDirectory(base);
  }
}

/** What a link says, or undefined for what is no link or not there. */
export async function linkTarget(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (cause) {
    const code = errorCode(cause);
    if (code === "ENOENT" || code === "EINVAL") return undefined;
    throw cause;
  }
}

function linkNames(version: string): { major: string; minor: string; patch: string } {
  const [whole, patch, minor, major] = /^((([0-9]+)\.[0-9]+)\.[0-9]+)(?:[-+].*)?$/.exec(version) ?? [];
  if (whole === undefined) throw fail("store/bad-version", { version });
  return { major: `v${major}`, minor: `v${minor}`, patch: `v${patch}` };
}

const storeName = /^v\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]*)?_[A-Za-z0-9]{16}$/;

/** The names of the stores below a base directory, linked or not, sorted. */
export async function storeNames(base: string): Promise<readonly string[]> {
  return ((await listIfExists(base)) ?? []).filter((name) => storeName.test(name));
}

/** The directory of a creation that did not reach `current`, or undefined if there was none. */
async function unfinishedStore(base: string, patchLink: string): Promise<string | undefined> {
  const directories = await storeNames(base);
  const linked = await realPathIfExists(join(base, patchLink));
  const chosen = directories.find((name) => linked?.endsWith(`/${name}`));
  if (chosen !== undefined) return chosen;
  const withData: string[] = [];
  for (const name of directories) {
    if (!(await hasLive(join(base, name)))) return name;
    if ((await readLive(join(base, name))).leaves.size === 0) return name;
    withData.push(name);
  }
  // A creation never leaves data, so the links were lost in another way. Not for a program to guess.
  if (withData.length > 0) throw fail("store/links-lost", { base, directories: withData });
  return undefined;
}

async function hasLive(directory: string): Promise<boolean> {
  return (await realPathIfExists(join(directory, liveFile))) !== undefined;
}
