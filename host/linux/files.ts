/**
 * Files written whole: a reader, and a power cut, finds the old content or the new, never a part of one.
 *
 * The single steps go through `Disk`, so that a test can stop after any of them as a power cut would.
 */
import { mkdir, open, readdir, readFile, realpath, rename, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";

/** The steps that change a disk, each atomic by itself or harmless when cut. Paths are absolute. */
export interface Disk {
  /** Creates a new file (it must not exist); with `sync` its content is on the medium before this returns. */
  createFile(path: string, data: string | Uint8Array, mode: number, sync: boolean): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file, link or directory with all in it; absent is success. */
  remove(path: string): Promise<void>;
  /** Makes a directory and its parents; existing is success. */
  makeDirectory(path: string): Promise<void>;
  makeLink(target: string, path: string): Promise<void>;
  /** Puts the names in a directory on the medium: after a rename, creation or removal. */
  syncDirectory(path: string): Promise<void>;
}

export const disk: Disk = {
  async createFile(path, data, mode, sync) {
    const file = await open(path, "wx", mode);
    try {
      await file.writeFile(data);
      // The umask has taken bits away from the mode that was asked for.
      await file.chmod(mode);
      if (sync) await file.sync();
    } finally {
      await file.close();
    }
  },
  rename: (from, to) => rename(from, to),
  remove: (path) => rm(path, { recursive: true, force: true }),
  async makeDirectory(path) {
    await mkdir(path, { recursive: true });
  },
  makeLink: (target, path) => symlink(target, path),
  async syncDirectory(path) {
    const directory = await open(path, "r");
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  },
};

/** Names made by `temporaryNameIn`; what a crash left of them may be removed by the owner of the directory. */
export const temporaryName = /^\.tmp-[0-9a-f]{16}$/;

/** A name in the directory that nothing else uses. Short, so that it fits wherever the final name fits. */
export function temporaryNameIn(directory: string): string {
  return join(directory, `.tmp-${crypto.getRandomValues(new Uint8Array(8)).toHex()}`);
}

export interface WriteOptions {
  /** Permission bits, whatever the umask; 0644 when not given. */
  readonly mode?: number;
  /** True: content and name are on the medium when this returns. False: atomic, but a power cut may undo it. */
  readonly durable: boolean;
}

/** The new content of a file is in place, but it is not certain that a power cut would leave it there. */
export class NotSynced extends Error {}

/**
 * Replaces a file in one step.
 *
 * @param path  its directory must exist
 * @throws the error of the step that failed; the old file is then untouched and the temporary one removed.
 *   NotSynced, if only the last step of a durable write failed (the directory's sync)
 */
export async function writeWhole(
  path: string,
  data: string | Uint8Array,
  options: WriteOptions,
  on: Disk = disk,
): Promise<void> {
  const directory = dirname(path);
  const temporary = temporaryNameIn(directory);
  try {
    await on.createFile(temporary, data, options.mode ?? 0o644, options.durable);
    await on.rename(temporary, path);
  } catch (cause) {
    await removeQuietly(temporary, on);
    throw cause;
  }
  if (!options.durable) return;
  try {
    await on.syncDirectory(directory);
  } catch (cause) {
    throw new NotSynced(`${path} was written, but its directory could not be synced`, { cause });
  }
}

/** Makes `path` a link to `target`, replacing a link of that name in one step. */
export async function replaceLink(target: string, path: string, on: Disk = disk): Promise<void> {
  const temporary = temporaryNameIn(dirname(path));
  try {
    await on.makeLink(target, temporary);
    await on.rename(temporary, path);
  } catch (cause) {
    await removeQuietly(temporary, on);
    throw cause;
  }
}

/** The content of a file as text (UTF-8), or undefined if there is no such file. */
export async function readTextIfExists(path: string): Promise<string | undefined> {
  return absentIsUndefined(readFile(path, "utf8"));
}

/** The path of a file or directory with every link followed, or undefined if one of them leads nowhere. */
export async function realPathIfExists(path: string): Promise<string | undefined> {
  return absentIsUndefined(realpath(path));
}

/** The names in a directory, sorted, or undefined if there is no such directory. */
export async function listIfExists(path: string): Promise<readonly string[] | undefined> {
  const names = await absentIsUndefined(readdir(path));
  return names?.sort();
}

async function absentIsUndefined<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") return undefined;
    throw cause;
  }
}

/** The system's name of an error ("ENOSPC"), or undefined for any other thrown value. */
export function errorCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string"
    ? thrown.code
    : undefined;
}

async function removeQuietly(path: string, on: Disk): Promise<void> {
  try {
    await on.remove(path);
  } catch {
    // The write has failed already and that error is the one to tell; a left-over temporary file is
    // recognised by its name and removed by the next start.
  }
}
