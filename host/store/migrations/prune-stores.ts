/** Clears away stores that nobody goes back to, and links that lead to none of those that stay. */
import { basename, dirname, join } from "node:path";
import { failureText } from "../../linux/failure.ts";
import { type Disk, listIfExists, realPathIfExists } from "../../linux/files.ts";
import { linkTarget, storeNames } from "../version-links.ts";

/**
 * Removes stores and the links to them.
 *
 * @param keep  names of directories below the base
 * @returns what could not be removed, as lines for people; the next move tries again
 */
export async function pruneStores(
  base: string,
  keep: readonly string[],
  on: Disk,
): Promise<readonly string[]> {
  const leftOver: string[] = [];
  const remove = async (name: string) => {
    const path = join(base, name);
    await on.remove(path).catch((cause: unknown) => {
      leftOver.push(`${path} could not be removed: ${failureText(cause)}`);
    });
  };
  for (const name of await storeNames(base)) if (!keep.includes(name)) await remove(name);
  for (const name of await versionLinks(base)) {
    if ((await realPathIfExists(join(base, name))) === undefined) await remove(name);
  }
  return leftOver;
}

/** The names of the stores to which a link leads. The others are what failed attempts left. */
export async function linkedStores(base: string): Promise<readonly string[]> {
  const targets = await Promise.all(
    (await versionLinks(base)).map((name) => realPathIfExists(join(base, name))),
  );
  const below = targets.filter((path) => path !== undefined && basename(dirname(path)) === basename(base));
  return below.map((path) => basename(path ?? ""));
}

/** `current`, and links such as v1, v1.11 and v1.11.1. */
async function versionLinks(base: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (const name of (await listIfExists(base)) ?? []) {
    const isLinkName = name === "current" || /^v\d+(\.\d+){0,2}$/.test(name);
    if (isLinkName && (await linkTarget(join(base, name))) !== undefined) names.push(name);
  }
  return names;
}
