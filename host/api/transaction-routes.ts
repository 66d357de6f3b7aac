/** The /tx endpoints (api.md 6.5). */
import { problemText } from "../settings/index.ts";
import { launchTransaction } from "../store/index.ts";
import type { ApplyScope, Decision } from "./decision.ts";
import { listParameter, transactionParameter } from "./parameters.ts";
import { found, type Reply, refused } from "./reply.ts";
import type { ApiRequest } from "./request.ts";
import { refusedDuringTrial, tryParameter } from "./trial-routes.ts";
import type { View } from "./view.ts";

/** What is pending in a transaction, null for what is to be removed; nothing when it does not exist. */
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

/**
 * Makes a transaction live, on trial if it is to be tried, and, when asked to, starts the applier for its keys.
 *
 * A change that breaks a rule between settings is a 400, and stays pending. Not 422, the code of the reference for a
 * transaction with nothing in it: its clients take that for success.
 */
export function commitTransaction(request: ApiRequest, view: View, thenApply: boolean): Decision {
  const transaction = transactionParameter(request);
  if ("refusal" in transaction) return { kind: "reply", reply: transaction.refusal };
  const trySeconds = tryParameter(request);
  if ("refusal" in trySeconds) return { kind: "reply", reply: trySeconds.refusal };
  const { model } = view;
  // The boot commits what it generates, and with a trial that wants a restart it does so during one.
  const isBoots = transaction.value === launchTransaction && trySeconds.value === undefined;
  return {
    kind: "commit",
    transaction: transaction.value,
    thenApply,
    trySeconds: trySeconds.value,
    refusal(live, pending) {
      const duringTrial = isBoots || pending.size === 0 ? undefined : refusedDuringTrial(view);
      if (duringTrial !== undefined) return duringTrial;
      const broken = model.newlyBrokenRules(live, pending);
      if (broken.length === 0) return undefined;
      const lines = broken.map((problem) => `\n${problemText(problem)}`).join("");
      return refused(400, `Nothing was committed, because of:${lines}`);
    },
  };
}

const emptyKey = "The parameter keys has an empty name among others; give names separated by single commas";

/** Starts the applier for live settings: the named keys (not checked further here), or all. */
export function applySettings(request: ApiRequest): Decision {
  const keys = listParameter(request, "keys");
  if ("refusal" in keys) return { kind: "reply", reply: keys.refusal };
  // The applier refuses it, and until then it would keep others from being applied together with it.
  if (keys.value?.includes("")) return { kind: "reply", reply: refused(400, emptyKey) };
  const scope: ApplyScope = keys.value === undefined ? "all" : { keys: keys.value };
  return { kind: "apply", scope };
}
