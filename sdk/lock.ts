/** Locks that end with their process, however it ends: one writer of a directory, one question at a time, one person
 * at a console. */
import { dlopen } from "bun:ffi";
import { closeSync, openSync } from "node:fs";

const LOCK_EX = 2;
const LOCK_NB = 4;
const RETRY_MS = 50;

const libc = dlopen("libc.so.6", { flock: { args: ["i32", "i32"], returns: "i32" } });

export interface Lock {
  release(): void;
}

/**
 * Takes the lock on this file, which is made when absent and never removed.
 *
 * @param waitMs  how long to wait for whoever holds it; 0 = not at all
 * @returns undefined when somebody else still holds it
 */
export async function takeLock(file: string, waitMs: number): Promise<Lock | undefined> {
  const fd = openSync(file, "a");
  const deadline = performance.now() + waitMs;
  while (libc.symbols.flock(fd, LOCK_EX | LOCK_NB) !== 0) {
    if (performance.now() >= deadline) {
      closeSync(fd);
      return undefined;
    }
    await Bun.sleep(RETRY_MS);
  }
  return { release: () => closeSync(fd) };
}
