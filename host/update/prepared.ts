/**
 * Which version was written to the inactive set: nothing on a partition says it, and it has to be known when the set is
 * activated. Acts. The flags of the sets decide; this only explains them.
 */
import { dirname, join } from "node:path";
import { disk, readTextIfExists, writeWhole } from "../linux/files.ts";
import { isTable, type Json } from "../settings/source.ts";

const FILE = "var/lib/bottlerocket/update/prepared.json";

/** To be called before the set is made valid. @param root  "/", or a tree with the same files in a test */
export async function recordPrepared(root: string, version: string): Promise<void> {
  const path = join(root, FILE);
  await disk.makeDirectory(dirname(path));
  await writeWhole(path, `${JSON.stringify({ version })}\n`, { durable: true });
}

/** @returns undefined when nobody has recorded it: the set was written by other means */
export async function readPrepared(root: string): Promise<string | undefined> {
  const text = await readTextIfExists(join(root, FILE));
  if (text === undefined) return undefined;
  const document: Json = JSON.parse(text);
  const version = isTable(document) ? document.version : undefined;
  return typeof version === "string" ? version : undefined;
}
