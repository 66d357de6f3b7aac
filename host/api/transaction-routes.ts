/** The /tx endpoints (api.md 6.5). */
import type { ApplyScope, Decision } from "./decision.ts";
import { listParameter, transactionParameter } from "./parameters.ts";
import { found, type Reply } from "./reply.ts";
import type { ApiRequest } from "./request.ts";
import type { View } from "./view.ts";

/** What is pending in a transaction; nothing when it does not exist. */
export function readTransaction(request: ApiRequest, view: View): Reply {
  const transaction = transactionParameter(request);
  if ("refusal" in transaction) return transaction.refusal;
  return found(view.model.nest(view.pending(transaction.value)));
}

/** Names of the open transactions. */
export const listTransactions = (view: View): Reply => found(view.transactions());

/** Discards a transaction. */
export function deleteTransaction(request: ApiRequest): Decision {
  const transaction = transactionParameter(request);
  if ("refusal" in transaction) return { kind: "reply", reply: transaction.refusal };
  return { kind: "discard", transaction: transaction.value };
}

/** Makes a transaction live, and, when asked to, starts the applier for its keys. */
export function commitTransaction(request: ApiRequest, thenApply: boolean): Decision {
  const transaction = transactionParameter(request);
  if ("refusal" in transaction) return { kind: "reply", reply: transaction.refusal };
  return { kind: "commit", transaction: transaction.value, thenApply };
}

/** Starts the applier for live settings: the named keys (not checked here), or all. */
export function applySettings(request: ApiRequest): Decision {
  const keys = listParameter(request, "keys");
  if ("refusal" in keys) return { kind: "reply", reply: keys.refusal };
  const scope: ApplyScope = keys.value === undefined ? "all" : { keys: keys.value };
  return { kind: "apply", scope };
}
