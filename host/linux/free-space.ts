/** How much a file system can still take. */
import { statfs } from "node:fs/promises";

/** Bytes that root may still write to the file system that holds a path. */
export async function freeBytes(path: string): Promise<number> {
  const { bfree, bsize } = await statfs(path);
  return bfree * bsize;
}
