/**
 * Moves the store of a host to another version: a migrated copy beside it, then the links (specification "updates"
 * 11.3). The old store stays, for the way back. Until the one rename that counts nothing has changed for a reader.
 */
import { basename, join } from "node:path";
import { failureText } from "../../linux/failure.ts";
import { type Disk, disk, realPathIfExists, writeWhole } from "../../linux/files.ts";
import { freeBytes } from "../../linux/free-space.ts";
import { documentText, type StoreDocument } from "../documents.ts";
import { liveFile, readLive, removeTemporary } from "../read-store.ts";
import type { Leaves } from "../transactions.ts";
import { newStoreName, pointLinks } from "../version-links.ts";
import { fail } from "./failures.ts";
import type { FoundStore } from "./find-store.ts";
import { fitTo, type Judge } from "./fit.ts";
import { isSame, migrateDocument, type Way } from "./migrate.ts";
import { linkedStores, pruneStores } from "./prune-stores.ts";

export interface Move extends Way {
  readonly from: FoundStore;
  /** The version that starts, in full. */
  readonly to: string;
  /** What the version that starts takes. */
  readonly model: Judge;
}

export interface Moved {
  /** The real directory to which `current` leads now. */
  readonly directory: string;
  /** The keys of settings that have another value now, or none, or are new. */
  readonly changed: readonly string[];
  /** Going backward: what the older version does not take, with the reasons. */
  readonly refused: readonly string[];
  /** What could not be cleared away, or confirmed by the disk, after the move had happened. */
  readonly leftOver: readonly string[];
}

/**
 * Moves a store. With no migrations the links lead to the same directory.
 *
 * Forward, what the new version does not take ends the move: the host falls back to the version before, with everything
 * as it was. Backward it is left out, or is again what it was before: whoever goes back has a reason to, and there
 * may be nothing to fall back to.
 *
 * @throws Failure "migrations/failed", "migrations/refused-by-version", "migrations/no-space", "store/damaged";
 *   `current` then leads where it led before
 */
export async function moveStore(move: Move, on: Disk = disk, free = freeBytes): Promise<Moved> {
  const { from, to, direction, migrations, model } = move;
  const live = await readLive(from.directory);
  const kept = direction === "backward" ? await keptLeaves(move) : undefined;
  const migrated = migrateDocument(live, move, kept);
  const { document, refused } = fitTo(model, migrated, kept);
  if (direction === "forward" && refused.length > 0) {
    throw fail("migrations/refused-by-version", { version: to, problems: refused });
  }
  const isSameStore = migrations.length === 0 && refused.length === 0;
  const name = isSameStore ? basename(from.directory) : await copyStore(move, document, on, free);
  const leftOver = await switchTo(move, name, on);
  // The store of the version before stays for the way back; if it is the same one, so does the one before.
  if (!isSameStore) leftOver.push(...(await pruneStores(from.base, [name, basename(from.directory)], on)));
  const changed = changedKeys(live.leaves, document.leaves);
  return { directory: join(from.base, name), changed, refused, leftOver };
}

/**
 * Goes back to the store that the older version left behind, where its settings cannot be brought back by migrations. What
 * has been set since is not in it.
 *
 * @returns undefined if there is none
 */
export async function returnToKept(
  move: Pick<Move, "from" | "to">,
  on: Disk = disk,
): Promise<{ readonly directory: string; readonly leftOver: readonly string[] } | undefined> {
  const directory = await keptStore(move);
  if (directory === undefined) return undefined;
  await readLive(directory);
  return { directory, leftOver: await switchTo(move, basename(directory), on) };
}

/** The store that the version left behind to which a host goes back. */
async function keptStore({ from, to }: Pick<Move, "from" | "to">): Promise<string | undefined> {
  const directory = await realPathIfExists(join(from.base, `v${to.replace(/[-+].*$/, "")}`));
  return directory === from.directory ? undefined : directory;
}

async function keptLeaves(move: Move): Promise<Leaves | undefined> {
  const directory = await keptStore(move);
  if (directory === undefined) return undefined;
  try {
    return (await readLive(directory)).leaves;
  } catch {
    // A damaged or unfinished copy of old settings is no reason not to go back: it is as if it had been cleared away.
    return undefined;
  }
}

/** Writes the store of the new version beside the old one. @returns the name of its directory */
async function copyStore(
  { from, to }: Move,
  document: StoreDocument,
  on: Disk,
  free: typeof freeBytes,
): Promise<string> {
  const { base } = from;
  await removeTemporary(base, on);
  // What failed attempts left takes space. That it cannot be removed shows below, if it matters.
  await pruneStores(base, await linkedStores(base), on);
  const text = documentText(document);
  await checkSpace(base, text, free);
  const name = newStoreName(to);
  await on.makeDirectory(join(base, name));
  await writeWhole(join(base, name, liveFile), text, { durable: true }, on);
  await on.syncDirectory(base);
  return name;
}

const OVERHEAD_BYTES = 64 * 1024; // directories and links, generously

/**
 * Refuses to begin what the file system cannot hold: the document, and once more when the first change replaces it.
 *
 * @throws Failure "migrations/no-space"
 */
export async function checkSpace(base: string, text: string, free: typeof freeBytes): Promise<void> {
  const neededBytes = 2 * Buffer.byteLength(text) + OVERHEAD_BYTES;
  const bytes = await free(base);
  if (bytes < neededBytes) throw fail("migrations/no-space", { base, neededBytes, freeBytes: bytes });
}

async function switchTo({ from, to }: Pick<Move, "from" | "to">, name: string, on: Disk): Promise<string[]> {
  try {
    await pointLinks(from.base, to, name, on);
    return [];
  } catch (cause) {
    // Links behind the one that counts are right already, so it has happened; only the disk did not confirm it.
    if ((await realPathIfExists(join(from.base, "current"))) !== join(from.base, name)) throw cause;
    return [`The disk did not confirm the links in ${from.base}: ${failureText(cause)}`];
  }
}

function changedKeys(before: Leaves, after: Leaves): readonly string[] {
  const keys = new Set([...before.keys(), ...after.keys()]);
  return [...keys].filter((key) => !isSame(before.get(key), after.get(key))).sort();
}
