/** Reading a store: the live document, the open transactions, and what a server that was killed has left. */
import { join } from "node:path";
import { Failure, messageOf } from "../linux/failure.ts";
import { type Disk, listIfExists, readTextIfExists, temporaryName } from "../linux/files.ts";
import { mergeLeaves } from "../settings/index.ts";
import { readDocument, type StoreDocument, transactionOfFile } from "./documents.ts";
import { fail } from "./failures.ts";

/** Where the committed leaves are, below the directory of a store. */
export const liveFile = "live.json";
/** The directory of the open transactions, below the directory of a store. */
export const pendingDirectory = "pending";

/** Reads the committed leaves of a store. A null among them is read as "not set" (specification "api" 3.2). */
export async function readLive(directory: string): Promise<StoreDocument> {
  const path = join(directory, liveFile);
  const text = await readTextIfExists(path);
  if (text === undefined) throw fail("store/missing", { path });
  const document = readDocument(path, text);
  return { ...document, leaves: mergeLeaves(new Map(), document.leaves) };
}

/** The transactions of a store, and what is left of those that ended. */
export interface Pending {
  readonly documents: ReadonlyMap<string, StoreDocument>;
  /** Files of transactions that are committed already and could not be removed. */
  readonly committed: readonly string[];
  readonly leftOut: readonly Failure[];
}

/** Reads the open transactions of a store, and clears away what is left of others. */
export async function readPending(directory: string, lastCommit: string, on: Disk): Promise<Pending> {
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
