/**
 * GET /tx/diff: what a commit of a transaction would change, on the host too. Not in the reference, whose users have
 * asked for it for years (specification "api" 16). Nothing changes, and no rendering happens in this process.
 */
import {
  type AppliedFailure,
  type Json,
  mergeLeaves,
  type Preview,
  type Problem,
  parseKey,
  secretText,
} from "../settings/index.ts";
import type { Decision } from "./decision.ts";
import { readModel } from "./model-routes.ts";
import { transactionParameter } from "./parameters.ts";
import { found } from "./reply.ts";
import type { ApiRequest } from "./request.ts";
import { refusedDuringTrial } from "./trial-routes.ts";
import type { View } from "./view.ts";

/** The body of the reply. */
export interface TransactionDiff extends Preview {
  /** Settings that would get another value; null is "not set", and a secret is shown as `secretText`. */
  readonly settings: readonly { readonly key: string; readonly old: Json; readonly new: Json }[];
  /** What takes its whole effect only after a reboot. */
  readonly reboot: readonly { readonly key: string; readonly why: string }[];
}

/** So many previews wait already that this one would hold too much for too long. */
export class TooManyPreviews extends Error {}

/** Decides how a transaction is compared with what is live. */
export function diffTransaction(request: ApiRequest, view: View): Decision {
  const transaction = transactionParameter(request);
  if ("refusal" in transaction) return { kind: "reply", reply: transaction.refusal };
  const pending = view.pending(transaction.value);
  const settings = settingsDiff(pending, view);
  const duringTrial = pending.size === 0 ? undefined : refusedDuringTrial(view);
  const problems = [
    ...(duringTrial === undefined ? [] : [{ code: "api/trial-runs", text: duringTrial.body, hint: "" }]),
    ...view.model.newlyBrokenRules(view.live, pending).map(brokenRule),
  ];
  const reply = (preview: Preview) => {
    const diff: TransactionDiff = { ...settings, ...preview, problems: [...problems, ...preview.problems] };
    return found(diff);
  };
  if (pending.size === 0) return { kind: "reply", reply: reply({ files: [], services: [], problems: [] }) };
  // What the applier would ask for after the commit; what it could not get is a problem it would have, too.
  const model = readModel(whole, { ...view, live: mergeLeaves(view.live, pending) });
  if (model.status !== 200) {
    const failure = { code: "", text: model.body, hint: "" };
    return { kind: "reply", reply: reply({ files: [], services: [], problems: [failure] }) };
  }
  const keys = JSON.stringify([...pending.keys()].sort());
  return {
    kind: "preview",
    transaction: transaction.value,
    input: `{"keys":${keys},"model":${model.body}}`,
    reply,
  };
}

const whole: ApiRequest = {
  method: "GET",
  path: "/",
  query: new Map(),
  contentType: undefined,
  body: new Uint8Array(),
};

function settingsDiff(
  pending: View["live"],
  { live, model }: View,
): Pick<TransactionDiff, "settings" | "reboot"> {
  const settings: TransactionDiff["settings"][number][] = [];
  const reboot: TransactionDiff["reboot"][number][] = [];
  for (const [text, staged] of [...pending].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const parsed = parseKey(text);
    const before = live.get(text);
    const after = staged ?? undefined;
    if (!parsed.ok || JSON.stringify(before) === JSON.stringify(after)) continue;
    const { key } = parsed;
    const shown = (value: Json | undefined): Json =>
      value === undefined ? null : model.isSecret(key) ? secretText : value;
    settings.push({ key: text, old: shown(before), new: shown(after) });
    const why = model.rebootReason(key, { before, after });
    if (why !== undefined) reboot.push({ key: text, why });
  }
  return { settings, reboot };
}

function brokenRule({ key, problem, accepted }: Problem): AppliedFailure {
  return { code: "settings/broken-rule", text: `${key}: ${problem}`, hint: `Accepted: ${accepted}` };
}

/**
 * Reads what the preview's program printed.
 *
 * @throws  Error if it is no preview
 */
export function parsePreview(text: string): Preview {
  const value: unknown = JSON.parse(text);
  const isPreview =
    typeof value === "object" &&
    value !== null &&
    ["files", "services", "problems"].every((name) => Array.isArray(Reflect.get(value, name)));
  if (!isPreview) throw new Error("the program that renders the preview printed something else");
  // What is in the lists is only passed on, and comes from the same executable as this.
  return value as Preview;
}
