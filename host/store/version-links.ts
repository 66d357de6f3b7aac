/**
 * The links that lead to the store (specification "api" 3.4):
 *
 *     current → v1 → v1.11 → v1.11.1 → v1.11.1_<16 random alphanumerics>/
 *
 * The directory is made completely before any link, and `current` last: whoever finds `current` finds a
 * store. What an interrupted creation left is taken up by the next one.
 */
import { join } from "node:path";
import { type Disk, disk, listIfExists, realPathIfExists, replaceLink, writeWhole } from "../linux/files.ts";
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
  const name = (await unfinishedStore(base, links.patch)) ?? `v${version}_${randomName()}`;
  const directory = join(base, name);
  await on.makeDirectory(directory);
  await removeTemporary(directory, on);
  if (!(await hasLive(directory))) {
    const text = documentText({ transaction: "", leaves: new Map() });
    await writeWhole(join(directory, liveFile), text, { durable: true }, on);
  }
  await on.syncDirectory(base);
  await replaceLink(name, join(base, links.patch), on);
  await replaceLink(links.patch, join(base, links.minor), on);
  await replaceLink(links.minor, join(base, links.major), on);
  // Everything that `current` leads over is on the medium before it appears.
  await on.syncDirectory(base);
  await replaceLink(links.major, join(base, "current"), on);
  await on.syncDirectory(base);
  return { directory, created: true };
}

function linkNames(version: string): { major: string; minor: string; patch: string } {
  const [whole, major, minor] = /^(\d+)\.(\d+)\.\d+$/.exec(version) ?? [];
  if (whole === undefined) throw fail("store/bad-version", { version });
  return { major: `v${major}`, minor: `v${major}.${minor}`, patch: `v${version}` };
}

const storeName = /^v\d+\.\d+\.\d+_[A-Za-z0-9]{16}$/;

/** The directory of a creation that did not reach `current`, or undefined if there was none. */
async function unfinishedStore(base: string, patchLink: string): Promise<string | undefined> {
  const directories = ((await listIfExists(base)) ?? []).filter((name) => storeName.test(name));
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
