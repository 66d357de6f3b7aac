/** The files that something is made from, as parts of the key under which the cache keeps it. */
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

/** Names and contents of all files below a directory, tests and what only tests use left out, in a fixed order. */
export async function textsBelow(directory: string): Promise<readonly (string | Uint8Array)[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && !/\.test\.ts$|^testing[\w-]*\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const texts: (string | Uint8Array)[] = [];
  for (const file of files) texts.push(relative(directory, file), await readFile(file));
  return texts;
}
