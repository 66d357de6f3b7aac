/** Where finished work is kept between builds: directories named by the hash of what they were made from. */
import { createHash } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** The tool's own directory under the user's cache directory. */
export function cacheDirectory(): string {
  const base = process.env.XDG_CACHE_HOME;
  return join(base?.startsWith("/") ? base : join(homedir(), ".cache"), "pinwheel");
}

/** A name of 32 hexadecimal digits for these texts; their order and borders count. */
export function hashOf(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    hash.update(`${typeof part === "string" ? Buffer.byteLength(part) : part.byteLength}:`);
    hash.update(part);
  }
  return hash.digest("hex").slice(0, 32);
}

/** How many directories of a kind stay, and how long even more do: a build under way has used them minutes ago. */
const KEPT = 4;
const KEPT_ANYWAY_MS = 3 * 60 * 60 * 1000;

/**
 * The directory `<cache>/<kind>/<key>`, made by `make` when it is not there yet.
 *
 * A finished directory appears by rename, so an interrupted build leaves nothing that looks finished. Whenever one is
 * made, those of its kind go that nobody has used for long: every commit makes a new root of some 300 MB.
 *
 * @param make  fills the empty directory it is given
 * @param again make it even if it is there, and put the new one in its place
 */
export async function cached(
  kind: string,
  key: string,
  make: (directory: string) => Promise<void>,
  again = false,
): Promise<string> {
  const directory = join(cacheDirectory(), kind, key);
  if (!again && (await exists(directory))) {
    await markUsed(directory);
    return directory;
  }
  const unfinished = `${directory}.unfinished-${process.pid}`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  try {
    await make(unfinished);
    if (again) await rm(directory, { recursive: true, force: true });
    await rename(unfinished, directory);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another build may have finished the same directory in the meantime; theirs is as good as ours.
    if (isTaken(error) && (await exists(directory))) return directory;
    throw error;
  }
  await markUsed(directory);
  await prune(join(cacheDirectory(), kind));
  return directory;
}

/** A directory's time of change is when it was last used. */
async function markUsed(directory: string): Promise<void> {
  const now = new Date();
  // A cache that belongs to somebody else can be used all the same; its owner's builds mark what they use.
  await utimes(directory, now, now).catch(() => undefined);
}

async function prune(kind: string): Promise<void> {
  const entries = await readdir(kind, { withFileTypes: true });
  const directories = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(kind, name));
  const used = await Promise.all(
    directories.map(async (path) => ({ path, ms: (await stat(path).catch(() => undefined))?.mtimeMs ?? 0 })),
  );
  const old = used.sort((a, b) => b.ms - a.ms).slice(KEPT);
  for (const { path, ms } of old) {
    // What cannot be removed (another build removes it too, or it is another user's) is no reason to fail this one.
    if (Date.now() - ms > KEPT_ANYWAY_MS)
      await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Whether something has this name. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOTEMPTY" || error.code === "EEXIST");
}
