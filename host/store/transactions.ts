/**
 * What the store holds and how it changes, as values: committed leaves, and the leaves that each open
 * transaction would commit (specification "api" 3.6). Nothing here touches a disk.
 */
import { type Json, mergeLeaves } from "../settings/index.ts";

/** Leaves by the text of their keys. In a transaction null is "to be removed at commit"; live leaves hold none. */
export type Leaves = ReadonlyMap<string, Json>;

export interface Store {
  /** Committed leaves by the text of their keys. */
  readonly live: Leaves;
  /** The open transactions by name. A transaction exists exactly while it has a leaf. */
  readonly pending: ReadonlyMap<string, Leaves>;
}

/**
 * Adds leaves, and removals of leaves, to a transaction, which is opened if it is not; no leaves, no change. What was
 * staged last for a leaf counts, be it a value or its removal.
 */
export function stage(store: Store, transaction: string, leaves: Leaves): Store {
  if (leaves.size === 0) return store;
  const staged = new Map([...(store.pending.get(transaction) ?? []), ...leaves]);
  return { live: store.live, pending: new Map([...store.pending, [transaction, staged]]) };
}

/**
 * Makes a transaction's leaves live, removes those it has as null, and closes it.
 *
 * @returns the keys that were pending, those of removed leaves included, sorted, whether or not their values differ
 *   from before; undefined if nothing was pending
 */
export function commit(
  store: Store,
  transaction: string,
): { store: Store; changed: readonly string[] | undefined } {
  const staged = store.pending.get(transaction);
  if (staged === undefined) return { store, changed: undefined };
  return {
    store: { live: mergeLeaves(store.live, staged), pending: without(store.pending, transaction) },
    changed: [...staged.keys()].sort(),
  };
}

/** Closes a transaction and forgets its leaves. `discarded` are their keys, sorted; none if it was not open. */
export function discard(store: Store, transaction: string): { store: Store; discarded: readonly string[] } {
  const staged = store.pending.get(transaction);
  if (staged === undefined) return { store, discarded: [] };
  const pending = without(store.pending, transaction);
  return { store: { live: store.live, pending }, discarded: [...staged.keys()].sort() };
}

function without(pending: Store["pending"], transaction: string): Store["pending"] {
  const rest = new Map(pending);
  rest.delete(transaction);
  return rest;
}
