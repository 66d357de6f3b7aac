/** One applier at a time. */
import { join } from "node:path";
import { LockHeld, withLock } from "../linux/lock.ts";
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
