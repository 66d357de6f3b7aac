/** Where what is collected comes from: files, programs and addresses, each as a stream. */
import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../linux/files.ts";
import type { Bytes } from "./archive.ts";

const PIECE_BYTES = 64 * 1024;
// A server on this host that has not sent everything by then does not work.
const HTTP_LIMIT_MS = 60_000;

/**
 * The content of a file, as long as it is now: a log may grow faster than it is read.
 *
 * @throws  Error when it is not there or no file; the content throws when it cannot be read
 */
export async function fileContent(path: string): Promise<{ modified: number; content: Bytes }> {
  // Opening another kind of file, such as a pipe, could wait for ever.
  const kind = await stat(path).catch((cause: unknown) => {
    throw errorCode(cause) === "ENOENT" ? new Error(`there is no file ${path}`) : cause;
  });
  if (!kind.isFile()) throw new Error(`${path} is not a file`);
  const { size, mtimeMs } = kind;
  const content = async function* () {
    const file = await open(path, "r");
    try {
      // Files that the kernel makes have no size.
      for (let left = size === 0 ? Number.POSITIVE_INFINITY : size; left > 0; ) {
        const piece = Buffer.alloc(Math.min(PIECE_BYTES, left));
        const { bytesRead } = await file.read(piece, 0, piece.length, null);
        if (bytesRead === 0) return;
        left -= bytesRead;
        yield piece.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  };
  return { modified: mtimeMs / 1000, content: content() };
}

/** The body of an answer. @throws Error for a status of 400 or above, and when there is no answer */
export async function httpContent(url: string): Promise<Bytes> {
  const response = await fetch(url, { signal: AbortSignal.timeout(HTTP_LIMIT_MS) });
  if (response.status >= 400) throw new Error(`${url} answered with status ${response.status}`);
  return response.body ?? empty();
}

async function* empty() {}

/**
 * The files that a pattern matches, and those below the directories that it matches.
 *
 * @param root  the directory under which the host's files are found
 * @returns absolute paths on the host, sorted
 */
export async function matchingFiles(root: string, pattern: string): Promise<readonly string[]> {
  const found = new Set<string>();
  const glob = new Bun.Glob(pattern.replace(/^\/+/, ""));
  for await (const path of glob.scan({ cwd: root, dot: true, onlyFiles: false })) {
    if (!(await isDirectory(join(root, path)))) found.add(join("/", path));
    else for (const below of await filesBelow(join(root, path))) found.add(join("/", path, below));
  }
  return [...found].sort();
}

/** Links to directories are not walked: they may lead in a ring. */
async function filesBelow(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length));
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path)).isDirectory();
}
