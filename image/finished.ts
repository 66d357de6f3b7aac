/**
 * The mark of a finished directory: what it was made from, and each file's size and time of change. A file that went
 * away or was written to since (a disk image that a virtual machine booted from) is noticed without reading it.
 */
import { lstat, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const MARK = ".key";

/** Marks the directory as finished; nothing in it may change any more. */
export async function markFinished(directory: string, key: string): Promise<void> {
  await writeFile(join(directory, MARK), await describe(directory, key));
}

/** Whether the directory was finished for this key and is as it was then. */
export async function isFinished(directory: string, key: string): Promise<boolean> {
  const mark = await readFile(join(directory, MARK), "utf8").catch(() => undefined); // absent: never finished
  return mark !== undefined && mark === (await describe(directory, key));
}

async function describe(directory: string, key: string): Promise<string> {
  const lines: string[] = [];
  for (const name of (await readdir(directory)).sort()) {
    if (name === MARK) continue;
    const { size, mtimeMs } = await lstat(join(directory, name));
    lines.push(`${name} ${size} ${mtimeMs}`);
  }
  return `${[key, ...lines].join("\n")}\n`;
}
