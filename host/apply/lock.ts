/** One applier at a time, and at most one that waits for it. */
import { join } from "node:path";
import { LockHeld, takeLock, withLock } from "../linux/lock.ts";
import { failure } from "./failures.ts";

// Longer than a run in which every restart command reaches its own limit is likely to take.
const PATIENCE_MS = 30 * 60 * 1000;

/**
 * Runs `work` while no other process does.
 *
 * @param directory  where the lock file is; made if it is not there
 * @throws what `work` throws; Failure "apply/busy" after half an hour of waiting
 */
export async function withApplierLock<T>(directory: string, work: () => Promise<T>): Promise<T> {
  const path = join(directory, "applier.lock");
  try {
    return await withLock(path, PATIENCE_MS, work);
  } catch (cause) {
    if (!(cause instanceof LockHeld) || cause.path !== path) throw cause;
    throw failure("apply/busy", { lock: path, seconds: PATIENCE_MS / 1000 }, { cause });
  }
}

/**
 * Runs `work` while no other process does, unless one waits for its turn already: that one does the work.
 *
 * The place in the line is free again before `work` begins. So whoever finds it taken has been there before the
 * holder looks at what there is to do.
 *
 * @returns what `work` returns; undefined if the place in the line was taken
 * @throws  as `withApplierLock`
 */
export async function asNextInLine<T>(directory: string, work: () => Promise<T>): Promise<T | undefined> {
  const path = join(directory, "applier-waiting.lock");
  const place = await takeLock(path, 0).catch((error: unknown) => {
    if (error instanceof LockHeld && error.path === path) return undefined;
    throw error;
  });
  if (place === undefined) return undefined;
  try {
    return await withApplierLock(directory, () => {
      place.release();
      return work();
    });
  } finally {
    place.release();
  }
}
