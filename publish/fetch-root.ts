/** The root role that Infra.toml names by its address and checksum (specification "updates" 16.2). */
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { readTextIfExists, writeWhole } from "../host/linux/files.ts";
import type { Repo } from "./context.ts";
import { fail } from "./failures.ts";
import { RepositoryFetcher } from "./fetcher.ts";

const ROOT_LIMIT = 1024 * 1024; // bytes

/**
 * Fetches it, or compares the one that is there with its checksum; nothing when Infra.toml names none.
 *
 * @returns the address that it was fetched from, if it was
 * @throws publish/not-found, publish/bad-checksum and those of the fetcher
 */
export async function fetchRoot({ configured, rootFile }: Repo): Promise<string | undefined> {
  if (configured?.rootRole === undefined) return undefined;
  const { url, sha512: expected } = configured.rootRole;
  const there = await readTextIfExists(rootFile);
  const bytes =
    there === undefined ? await new RepositoryFetcher().bytesIfExists(url, ROOT_LIMIT) : Buffer.from(there);
  if (bytes === undefined) throw fail("publish/not-found", { url });
  const found = createHash("sha512").update(bytes).digest("hex");
  const what = there === undefined ? url : pathToFileURL(rootFile).href;
  if (found !== expected) throw fail("publish/bad-checksum", { what, expected, found });
  if (there !== undefined) return undefined;
  await mkdir(dirname(rootFile), { recursive: true });
  await writeWhole(rootFile, bytes, { durable: true });
  return url;
}
