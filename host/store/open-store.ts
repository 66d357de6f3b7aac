/**
 * The store of a running server: reads from memory, one writer at a time, and memory never ahead of the disk.
 * The server is the only writer while it runs.
 */
import { join } from "node:path";
import { Failure, failureText } from "../linux/failure.ts";
import { type Disk, disk, errorCode, NotSynced, realPathIfExists, writeWhole } from "../linux/files.ts";
import { documentText, type StoreDocument, transactionFileName } from "./documents.ts";
import { fail } from "./failures.ts";
import { liveFile, type Pending, pendingDirectory, readLive, readPending } from "./read-store.ts";
import { commit, discard, type Leaves, type Store, stage } from "./transactions.ts";
import {
  type EndedTrial,
  type Trial,
  type TrialEnd,
  type TrialStart,
  trialKeys,
  trialOf,
  withEndedTrial,
} from "./trial.ts";

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
   * @param onTrial  given if the settings are to be put back unless the trial is ended as confirmed
   * @returns the keys that were pending, sorted; undefined if nothing was, or if it is not right
   * @throws Failure "store/disk-full", "store/not-written": nothing changed. "store/not-synced": it is done,
   *   but the disk did not confirm it; `keysNotSynced` has its keys
   */
  commit(
    transaction: string,
    isRight?: (live: Leaves, pending: Leaves) => boolean,
    onTrial?: TrialStart,
  ): Promise<readonly string[] | undefined>;
  /** The trial that runs. */
  trial(): Trial | undefined;
  /** The trial that ended last, unless another one has begun since. */
  lastTrial(): EndedTrial | undefined;
  /**
   * Notes in which boot, and from when on, the time of the trial with this identity runs; nothing if it has ended.
   *
   * @throws Failure as `commit` does
   */
  continueTrial(trial: Trial): Promise<void>;
  /**
   * Ends a trial in one step that a power cut cannot divide: its settings are kept, or as they were before.
   *
   * @param id  of the trial to end; the one that runs if not given
   * @returns its keys, sorted; undefined if no such trial runs
   * @throws Failure as `commit` does
   */
  endTrial(end: TrialEnd, id?: string): Promise<readonly string[] | undefined>;
  /**
   * Forgets a transaction.
   *
   * @returns the keys that were pending, sorted; none if it was not open
   * @throws Failure "store/not-written": nothing changed
   */
  discard(transaction: string): Promise<readonly string[]>;
}

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
    throw fail("store/not-read", { path, reason: failureText(cause) }, { cause });
  }
}

class DiskStore implements OpenStore {
  private store: Store;
  /** The live document as it is on the disk. */
  private document: StoreDocument;
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
    this.document = live;
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
    onTrial?: TrialStart,
  ): Promise<readonly string[] | undefined> {
    return this.alone(async () => {
      if (!isRight(this.store.live, this.pending(transaction))) return undefined;
      const { store: after, changed } = commit(this.store, transaction);
      const identity = this.identities.get(transaction);
      if (changed === undefined || identity === undefined) return undefined;
      await this.removeCommittedFiles();
      const document: StoreDocument = { ...this.document, transaction: identity, leaves: after.live };
      const { lastTrial: _, ...rest } = document;
      const begun =
        onTrial === undefined
          ? document
          : { ...rest, trial: trialOf(onTrial, this.store.live, this.pending(transaction)) };
      await this.writeLive(begun, changed, () => this.closeCommitted(transaction, after));
      return changed;
    });
  }

  trial(): Trial | undefined {
    return this.document.trial;
  }

  lastTrial(): EndedTrial | undefined {
    return this.document.lastTrial;
  }

  continueTrial(trial: Trial): Promise<void> {
    return this.alone(async () => {
      if (this.document.trial?.id === trial.id) await this.writeLive({ ...this.document, trial }, []);
    });
  }

  endTrial(end: TrialEnd, id?: string): Promise<readonly string[] | undefined> {
    return this.alone(async () => {
      const { trial } = this.document;
      if (trial === undefined || (id !== undefined && trial.id !== id)) return undefined;
      const document = withEndedTrial(this.document, trial, end);
      const keys = trialKeys(trial);
      await this.writeLive(document, keys, () => {
        this.store = { ...this.store, live: document.leaves };
      });
      return keys;
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
        throw fail("store/not-written", { path, reason: failureText(cause) }, { cause });
      }
      this.identities.delete(transaction);
      this.store = after;
      return discarded;
    });
  }

  /**
   * Replaces the live document. Its transaction stays what it was unless that is what changes: a file that this one has
   * left behind must still be known for done.
   *
   * @param onceWritten  done when there is no way back, whether or not the disk has confirmed it
   */
  private async writeLive(
    document: StoreDocument,
    changed: readonly string[],
    onceWritten: () => void | Promise<void> = () => undefined,
  ): Promise<void> {
    const file = join(this.directory, liveFile);
    const cause = await this.write(file, document, true).catch((thrown: unknown) => {
      if (thrown instanceof NotSynced) return thrown;
      throw thrown;
    });
    this.document = document;
    await onceWritten();
    if (cause !== undefined) throw fail("store/not-synced", { path: file, changed }, { cause });
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
        throw fail("store/not-written", { path, reason: failureText(cause) }, { cause });
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
        : fail("store/not-written", { path, reason: failureText(cause) }, { cause });
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
