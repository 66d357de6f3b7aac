/** The socket file: never open to others than its owner and group, not even for a moment (api.md 4.2). */
import { chmodSync, chownSync, renameSync, unlinkSync } from "node:fs";
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

/** Removes a file; its absence is what was wanted. */
export function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}
