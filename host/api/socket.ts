/** The socket file: never open to others than its owner and group, not even for a moment (api.md 4.2). */
import { chmodSync, chownSync, mkdirSync, renameSync, symlinkSync, unlinkSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { failureText } from "../linux/failure.ts";

/**
 * Makes a socket and puts it in place, finished: bound while the umask keeps everybody else out, then given to the
 * group, then opened to it, and only then named. A stale file of that name is replaced in the same step.
 *
 * @param gid   numeric group; `undefined` leaves it
 * @param bind  binds and listens on the path it is given
 * @throws Error naming the socket and the step
 */
export function placeSocket<T>(path: string, gid: number | undefined, bind: (unfinished: string) => T): T {
  const unfinished = `${path}.${process.pid}.new`;
  unlinkIfThere(unfinished);
  const before = process.umask(0o177);
  let bound: T;
  try {
    bound = bind(unfinished);
  } catch (error) {
    throw new Error(`Cannot create the socket ${unfinished}: ${failureText(error)}`, { cause: error });
  } finally {
    process.umask(before);
  }
  try {
    if (gid !== undefined) chownSync(unfinished, process.getuid?.() ?? 0, gid);
    chmodSync(unfinished, 0o660);
    renameSync(unfinished, path);
  } catch (error) {
    unlinkIfThere(unfinished);
    throw new Error(`Cannot put the socket ${path} in place: ${failureText(error)}`, { cause: error });
  }
  return bound;
}

/**
 * Has a socket in a directory of its own, and where it is looked for a link to it. Whoever is given the directory sees
 * the socket of the server that runs now; whoever is given a socket keeps that of a server that is gone.
 *
 * @returns the path that the socket itself is to have
 */
export function socketIn(directory: string, path: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const inside = join(directory, basename(path));
  const unfinished = `${path}.${process.pid}.new`;
  unlinkIfThere(unfinished);
  symlinkSync(relative(dirname(path), inside), unfinished);
  renameSync(unfinished, path);
  return inside;
}

/** Removes a file; its absence is what was wanted. */
export function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}
