/**
 * The store of a running server: reads from memory, one writer at a time, and memory never ahead of the disk.
 * The server is the only writer while it runs.
 */
import { join } from "node:path";
import { Failure } from "../linux/failure.ts";
import {
  type Disk,
  disk,
  errorCode,
  listIfExists,
  NotSynced,
  readTextIfExists,
  realPathIfExists,
  temporaryName,
  writeWhole,
} from "../linux/files.ts";
import { mergeLeaves } from "../settings/index.ts";
import {
  documentText,
  readDocument,
  type StoreDocument,
  transactionFileName,
  transactionOfFile,
} from "./documents.ts";
import { fail } from "./failures.ts";
import { commit, discard, type Leaves, type Store, stage } from "./transactions.ts";

export interface OpenStore {
  /** What was found damaged or could not be cleared away when the store was opened, and is left out of it. */
  readonly leftOut: readonly Failure[];
  /** The committed leaves; a value that later changes do not touch. */
  live(): Leaves;
  /** The leaves of a transaction, null for those to be removed; empty if it is not open. */
  pending(transaction: string): Leaves;
  /** The names of the open transactions, sorted. */
  transactions(): string[];
  /**
   * Adds checked leaves to a transaction; null stages the removal of a leaf. Survives the server, not a power cut: transactions end at each boot.
   *
   * @throws Failure "store/bad-transaction-name", "store/disk-full", "store/not-written"; then nothing changed
   */
  stage(transaction: string, leaves: Leaves): Promise<void>;
  /**
   * Makes a transaction live, in one step that a power cut cannot divide.
   *
   * @param isRight  asked with what is live and what is pending when the turn of this commit has come; if it says no,
   *   nothing changes
   * @returns the keys that were pending, sorted; undefined if nothing was, or if it is not right
   * @throws Failure "store/disk-full", "store/not-written": nothing changed. "store/not-synced": it is done,
   *   but the disk did not confirm it; `keysNotSynced` has its keys
   */
  commit(
    transaction: string,
    isRight?: (live: Leaves, pending: Leaves) => boolean,
  ): Promise<readonly string[] | undefined>;
  /**
   * Forgets a transaction.
   *
   * @returns the keys that were pending, sorted; none if it was not open
   * @throws Failure "store/not-written": nothing changed
   */
  discard(transaction: string): Promise<readonly string[]>;
}

/** Where the committed leaves are, below the directory of a store. */
export const liveFile = "live.json";
/** The directory of the open transactions, below the directory of a store. */
export const pendingDirectory = "pending";

/**
 * Opens a store that `prepareStore` has made. Only the live document has to be right: no leftover of a transaction
 * keeps a host from its API.
 *
 * @param path  the store's directory or a link to it, usually `…/datastore/current`
 * @throws Failure "store/missing", "store/damaged", "store/not-read"
 */
export async function openStore(path: string, on: Disk = disk): Promise<OpenStore> {
  try {
    const directory = await realPathIfExists(path);
    if (directory === undefined) throw fail("store/missing", { path });
    const live = await readLive(directory);
    return new DiskStore(directory, live, await readPending(directory, live.transaction, on), on);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw fail("store/not-read", { path, reason: messageOf(cause) }, { cause });
  }
}

/** Reads the committed leaves of a store. A null among them is read as "not set" (specification "api" 3.2). */
export async function readLive(directory: string): Promise<StoreDocument> {
  const path = join(directory, liveFile);
  const text = await readTextIfExists(path);
  if (text === undefined) throw fail("store/missing", { path });
  const { transaction, leaves } = readDocument(path, text);
  return { transaction, leaves: mergeLeaves(new Map(), leaves) };
}

/** The transactions of a store, and what is left of those that ended. */
interface Pending {
  readonly documents: ReadonlyMap<string, StoreDocument>;
  /** Files of transactions that are committed already and could not be removed. */
  readonly committed: readonly string[];
  readonly leftOut: readonly Failure[];
}

async function readPending(directory: string, lastCommit: string, on: Disk): Promise<Pending> {
  const path = join(directory, pendingDirectory);
  const documents = new Map<string, StoreDocument>();
  const committed: string[] = [];
  const leftOut: Failure[] = [];
  const tell = (file: string) => (cause: unknown) => {
    leftOut.push(
      cause instanceof Failure
        ? cause
        : fail("store/left-over", { path: file, reason: messageOf(cause) }, { cause }),
    );
  };
  await on.makeDirectory(path).catch(tell(path));
  for (const at of [directory, path]) await removeTemporary(at, on).catch(tell(at));
  for (const fileName of (await listIfExists(path)) ?? []) {
    const file = join(path, fileName);
    const name = transactionOfFile(fileName);
    if (name === undefined) continue;
    try {
      const document = readDocument(file, (await readTextIfExists(file)) ?? "");
      if (document.transaction !== lastCommit) {
        documents.set(name, document);
        continue;
      }
      // Committed already; the server ended before it could remove the file.
      committed.push(file);
      await on.remove(file);
      committed.pop();
    } catch (cause) {
      tell(file)(cause);
    }
  }
  return { documents, committed, leftOut };
}

/** Removes what a write left that was killed in the middle. */
export async function removeTemporary(directory: string, on: Disk): Promise<void> {
  for (const name of (await listIfExists(directory)) ?? []) {
    if (temporaryName.test(name)) await on.remove(join(directory, name));
  }
}

class DiskStore implements OpenStore {
  private store: Store;
  /** The identity of each open transaction; see documents.ts. */
  private readonly identities: Map<string, string>;
  /** Files of committed transactions that could not be removed yet. */
  private readonly committedFiles: Set<string>;
  private lastWrite: Promise<unknown> = Promise.resolve();
  readonly leftOut: readonly Failure[];

  constructor(
    private readonly directory: string,
    live: StoreDocument,
    { documents, committed, leftOut }: Pending,
    private readonly disk: Disk,
  ) {
    const leaves = [...documents].map(([name, document]): [string, Leaves] => [name, document.leaves]);
    this.store = { live: live.leaves, pending: new Map(leaves) };
    this.identities = new Map([...documents].map(([name, document]) => [name, document.transaction]));
    this.committedFiles = new Set(committed);
    this.leftOut = leftOut;
  }

  live(): Leaves {
    return this.store.live;
  }

  pending(transaction: string): Leaves {
    return this.store.pending.get(transaction) ?? new Map();
  }

  transactions(): string[] {
    return [...this.store.pending.keys()].sort();
  }

  stage(transaction: string, leaves: Leaves): Promise<void> {
    return this.alone(async () => {
      const file = this.pendingFile(transaction);
      const after = stage(this.store, transaction, leaves);
      const staged = after.pending.get(transaction);
      if (staged === undefined || after === this.store) return;
      const identity = this.identities.get(transaction) ?? crypto.randomUUID();
      await this.write(file, { transaction: identity, leaves: staged }, false);
      this.committedFiles.delete(file);
      this.identities.set(transaction, identity);
      this.store = after;
    });
  }

  commit(
    transaction: string,
    isRight: (live: Leaves, pending: Leaves) => boolean = () => true,
  ): Promise<readonly string[] | undefined> {
    return this.alone(async () => {
      if (!isRight(this.store.live, this.pending(transaction))) return undefined;
      const { store: after, changed } = commit(this.store, transaction);
      const identity = this.identities.get(transaction);
      if (changed === undefined || identity === undefined) return undefined;
      await this.removeCommittedFiles();
      const file = join(this.directory, liveFile);
      try {
        await this.write(file, { transaction: identity, leaves: after.live }, true);
      } catch (thrown) {
        if (!(thrown instanceof NotSynced)) throw thrown;
        await this.closeCommitted(transaction, after);
        throw fail("store/not-synced", { path: file, changed }, { cause: thrown });
      }
      await this.closeCommitted(transaction, after);
      return changed;
    });
  }

  discard(transaction: string): Promise<readonly string[]> {
    return this.alone(async () => {
      const { store: after, discarded } = discard(this.store, transaction);
      if (after === this.store) return discarded;
      const path = this.pendingFile(transaction);
      try {
        await this.disk.remove(path);
      } catch (cause) {
        throw fail("store/not-written", { path, reason: messageOf(cause) }, { cause });
      }
      this.identities.delete(transaction);
      this.store = after;
      return discarded;
    });
  }

  /** The live document has the transaction's leaves; from here on there is no way back. */
  private async closeCommitted(transaction: string, after: Store): Promise<void> {
    this.identities.delete(transaction);
    this.store = after;
    this.committedFiles.add(this.pendingFile(transaction));
    await this.removeCommittedFiles().catch(() => {
      // The commit has happened and must not be reported as failed. The file is removed before the next commit,
      // recognised by its identity when the store is opened again, and overwritten when the name is used again.
    });
  }

  /**
   * Only the last commit's identity is in the live document: after one more, the file of the one before would be
   * taken for an open transaction, and its old values could be committed over newer ones.
   */
  private async removeCommittedFiles(): Promise<void> {
    for (const path of this.committedFiles) {
      try {
        await this.disk.remove(path);
      } catch (cause) {
        throw fail("store/not-written", { path, reason: messageOf(cause) }, { cause });
      }
      this.committedFiles.delete(path);
    }
  }

  private pendingFile(transaction: string): string {
    return join(this.directory, pendingDirectory, transactionFileName(transaction));
  }

  private async write(path: string, document: StoreDocument, durable: boolean): Promise<void> {
    try {
      await writeWhole(path, documentText(document), { durable }, this.disk);
    } catch (cause) {
      if (cause instanceof NotSynced) throw cause;
      const full = errorCode(cause) === "ENOSPC" || errorCode(cause) === "EDQUOT";
      throw full
        ? fail("store/disk-full", { path }, { cause })
        : fail("store/not-written", { path, reason: messageOf(cause) }, { cause });
    }
  }

  /** Runs one change after the other, so that each starts from what the one before has left. */
  private alone<T>(change: () => Promise<T>): Promise<T> {
    const result = this.lastWrite.then(change);
    // The failure belongs to whoever asked for this change; the next one goes on from the state it left.
    this.lastWrite = result.catch(() => undefined);
    return result;
  }
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
