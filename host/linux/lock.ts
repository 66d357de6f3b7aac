/**
 * A lock between processes that ends with its holder, however that ends.
 *
 * The runtime has no call for the kernel's file locks and `bun:ffi` needs the JIT; but SQLite, which is part of the
 * runtime, takes such a lock on its database file. The database stays empty.
 */
import { Database, SQLiteError } from "bun:sqlite";
import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode } from "./files.ts";

const RETRY_MS = 25;

/** Another process held the lock for as long as there was patience. */
export class LockHeld extends Error {
  constructor(
    readonly path: string,
    patienceMs: number,
    cause: unknown,
  ) {
    super(`Another process held the lock ${path} for ${patienceMs / 1000} s`, { cause });
  }
}

/**
 * Runs `work` while no other process holds the lock.
 *
 * @param path  the lock's file; made, with its directory, if it is not there
 * @throws what `work` throws; LockHeld after `patienceMs` of waiting
 */
export async function withLock<T>(path: string, patienceMs: number, work: () => Promise<T>): Promise<T> {
  const lock = await takeLock(path, patienceMs);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

/** As `withLock`, for a lock that is not held for the whole of one piece of work. */
export async function takeLock(path: string, patienceMs: number): Promise<{ release(): void }> {
  await mkdir(dirname(path), { recursive: true });
  // Readable by root alone: whoever may read a file may also hold a lock on it that keeps us out.
  await createIfAbsent(path);
  const database = new Database(path, { create: true });
  try {
    await take(database, path, patienceMs);
  } catch (error) {
    database.close();
    throw error;
  }
  return { release: () => database.close() };
}

/** Never opens a file that is there: to close it again would end this process's own locks on it (fcntl(2)). */
async function createIfAbsent(path: string): Promise<void> {
  try {
    await (await open(path, "wx", 0o600)).close();
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
  }
}

async function take(database: Database, path: string, patienceMs: number): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    try {
      database.run("BEGIN EXCLUSIVE");
      return;
    } catch (cause) {
      if (!(cause instanceof SQLiteError) || cause.code !== "SQLITE_BUSY") throw cause;
      if (performance.now() > deadlineMs) throw new LockHeld(path, patienceMs, cause);
    }
    // Between tries, not inside SQLite's own wait, which would stop this process from answering signals.
    await Bun.sleep(RETRY_MS);
  }
}
