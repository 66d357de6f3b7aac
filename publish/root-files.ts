/**
 * Root roles on this machine: the newest under its own name, earlier versions beside it.
 *
 *     roles/default.root.json      the newest
 *     roles/default.1.root.json    an earlier one: hosts that trust it come to the newest step by step
 */
import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { errorCode, listIfExists, readTextIfExists } from "../host/linux/files.ts";
import { fail } from "./failures.ts";
import { RepositoryFetcher } from "./fetcher.ts";
import type { Places } from "./places.ts";
import { parseRoot } from "./trusted.ts";

const ROOT_LIMIT = 1024 * 1024; // bytes

/** Where a version that is not the newest is kept. */
export function earlierRootFile(rootFile: string, version: number): string {
  return `${rootFile.replace(/\.root\.json$|\.json$/, "")}.${version}.root.json`;
}

/** @throws publish/no-root */
export async function readRootFile(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") throw fail("publish/no-root", { file }, { cause });
    throw cause;
  }
}

/** The earliest version before the newest that is on this machine, if one is. */
export async function earliestRootFile(rootFile: string, newest: number): Promise<string | undefined> {
  const there = new Set((await listIfExists(dirname(resolve(rootFile)))) ?? []);
  for (let version = 1; version < newest; version++) {
    const file = earlierRootFile(rootFile, version);
    if (there.has(basename(file))) return file;
  }
  return undefined;
}

/**
 * Every root role from the first to the newest, as they are published: `N.root.json` → content. All of them, as hosts
 * of the reference keep the whole chain for their next start.
 *
 * @param places  the repository published before, which may have those that are not here
 * @throws publish/root-chain-broken
 */
export async function rootChain(
  rootFile: string,
  places: Places | undefined,
): Promise<ReadonlyMap<string, Buffer>> {
  const newest = await readFile(rootFile);
  const { version: newestVersion } = parseRoot(rootFile, newest).signed;
  const chain = new Map<string, Buffer>();
  for (let version = 1; version < newestVersion; version++) {
    chain.set(`${version}.root.json`, await earlierRoot(rootFile, version, places));
  }
  return chain.set(`${newestVersion}.root.json`, newest);
}

async function earlierRoot(rootFile: string, version: number, places: Places | undefined): Promise<Buffer> {
  const file = earlierRootFile(rootFile, version);
  const text = await readTextIfExists(file);
  if (text !== undefined) return Buffer.from(text);
  const url = places === undefined ? undefined : `${places.metadata}${version}.root.json`;
  const bytes = url === undefined ? undefined : await new RepositoryFetcher().bytesIfExists(url, ROOT_LIMIT);
  if (bytes !== undefined) return bytes;
  throw fail("publish/root-chain-broken", { version, tried: [file, ...(url === undefined ? [] : [url])] });
}
