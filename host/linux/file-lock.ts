/**
 * The kernel's locks on whole files, flock(2), which other programs take and look for by the same file.
 *
 * The runtime has no call for them and `bun:ffi` needs the JIT. util-linux's `flock` takes one and becomes the program
 * that is to have it: the lock belongs to the open file, and ends with the last process that has inherited it.
 */
import { fstatSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { splitDeviceNumber } from "./disk.ts";
import { errorCode } from "./files.ts";

/** How the command of `commandUnderLock` ends when somebody else has the lock: no code that `flock` itself uses. */
export const LOCK_TAKEN = 200;

/**
 * The command line that runs a program which holds the exclusive lock, or ends with LOCK_TAKEN at once.
 *
 * @param path     the lock's file; made if it is not there
 * @param command  an absolute path and its arguments
 */
export function commandUnderLock(path: string, command: readonly string[]): readonly string[] {
  return [
    "/usr/bin/flock",
    "--exclusive",
    "--nonblock",
    "--conflict-exit-code",
    String(LOCK_TAKEN),
    // The program has the lock itself and not a process above it: so that its end is the end of the lock.
    "--no-fork",
    path,
    ...command,
  ];
}

/** The descriptor under which this process has inherited an open file, or undefined if it has not. */
export async function inheritedDescriptor(path: string): Promise<number | undefined> {
  const { dev, ino } = await stat(path, { bigint: true });
  const numbers = (await readdir("/proc/self/fd")).map(Number).sort((a, b) => a - b);
  return numbers.find((descriptor) => {
    try {
      const found = fstatSync(descriptor, { bigint: true });
      return found.dev === dev && found.ino === ino;
    } catch (error) {
      if (errorCode(error) === "EBADF") return false; // the descriptor of the listing itself
      throw error;
    }
  });
}

/**
 * Whether a process holds the exclusive lock. Looks without taking any lock, so that looking never keeps anybody from
 * taking it. Sees the locks of the process namespace, which is the host's own where our programs run.
 *
 * @throws Error when the file is there and cannot be looked at
 */
export async function isLocked(path: string, root = "/"): Promise<boolean> {
  let file: { readonly dev: bigint; readonly ino: bigint };
  try {
    file = await stat(path, { bigint: true });
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
  return holdsLock(await readFile(join(root, "proc/locks"), "utf8"), file);
}

/**
 * Whether the kernel's list of locks has an exclusive one on a file (proc_locks(5)).
 *
 * @param locks  lines such as `3: FLOCK  ADVISORY  WRITE 16270 fe:00:5760738 0 EOF`; those who wait have `->`
 */
export function holdsLock(
  locks: string,
  { dev, ino }: { readonly dev: bigint; readonly ino: bigint },
): boolean {
  const { major, minor } = splitDeviceNumber(dev);
  const hex = (part: bigint) => part.toString(16).padStart(2, "0");
  const file = `${hex(major)}:${hex(minor)}:${ino}`;
  return locks.split("\n").some((line) => {
    const [, kind, , access, , where] = line.trim().split(/\s+/);
    return kind === "FLOCK" && access === "WRITE" && where === file;
  });
}
