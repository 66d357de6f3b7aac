/** Where finished work is kept between builds: directories named by the hash of what they were made from. */
import { createHash } from "node:crypto";
import { mkdir, rename, rm, stat } from "node:fs/promises";
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

/**
 * The directory `<cache>/<kind>/<key>`, made by `make` when it is not there yet.
 *
 * A finished directory appears by rename, so an interrupted build leaves nothing that looks finished.
 *
 * @param make  fills the empty directory it is given
 * @param again make it even if it is there, and put the new one in its place
 */
export async function cached(
  kind: string,
  key: string,
  make: (directory: string) => Promise<void>,
  again = false,
): Promise<{ directory: string; wasThere: boolean }> {
  const directory = join(cacheDirectory(), kind, key);
  if (!again && (await exists(directory))) return { directory, wasThere: true };
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
    if (isTaken(error) && (await exists(directory))) return { directory, wasThere: true };
    throw error;
  }
  return { directory, wasThere: false };
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
