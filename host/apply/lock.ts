/**
 * One applier at a time.
 *
 * The lock is a kernel lock, so it ends with its holder however that ends. The runtime has no call for one and
 * `bun:ffi` needs the JIT, which programs started by the API server do not have; but SQLite, which is part of
 * the runtime, takes such a lock on its database file. The database stays empty.
 */

import { Database, SQLiteError } from "bun:sqlite";
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { failure } from "./failures.ts";

// Longer than a run in which every restart command reaches its own limit is likely to take.
const patienceMs = 30 * 60 * 1000;

/**
 * Runs `work` while no other process does.
 *
 * @param directory  where the lock file is; made if it is not there
 * @throws  what `work` throws; Failure "apply/busy" after half an hour of waiting
 */
export async function withApplierLock<T>(directory: string, work: () => Promise<T>): Promise<T> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, "applier.lock");
  // Readable by root alone: whoever may read a file may also hold a lock on it that keeps us out.
  await (await open(path, "a", 0o600)).close();
  const database = new Database(path, { create: true });
  try {
    await take(database, path);
    return await work();
  } finally {
    database.close();
  }
}

async function take(database: Database, path: string): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    try {
      database.run("BEGIN EXCLUSIVE");
      return;
    } catch (cause) {
      if (!(cause instanceof SQLiteError) || cause.code !== "SQLITE_BUSY") throw cause;
      if (performance.now() > deadlineMs) {
        throw failure("apply/busy", { lock: path, seconds: patienceMs / 1000 }, { cause });
      }
    }
    // Between tries, not inside SQLite's own wait, which would stop this process from answering signals.
    await Bun.sleep(25);
  }
}
