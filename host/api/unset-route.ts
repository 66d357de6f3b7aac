/**
 * DELETE /settings: stages the return of settings to their default or generated value, or their removal. Not in the
 * reference, whose users have asked for it for years (specification "api" 16).
 */
import {
  type Json,
  keyText,
  mergeLeaves,
  parseJsonSource,
  parseKey,
  problemText,
} from "../settings/index.ts";
import type { Decision } from "./decision.ts";
import { keysParameter, missing, type RequestedKey, transactionParameter } from "./parameters.ts";
import { type Reply, refused } from "./reply.ts";
import type { ApiRequest } from "./request.ts";
import type { View } from "./view.ts";

type Leaves = ReadonlyMap<string, Json>;

/** Decides what is staged for each leaf at or below the named keys that is live, pending or has a default. */
export function unsetSettings(request: ApiRequest, view: View): Decision {
  const reply = (refusal: Reply): Decision => ({ kind: "reply", reply: refusal });
  const transaction = transactionParameter(request);
  if ("refusal" in transaction) return reply(transaction.refusal);
  const requested = keysParameter(request);
  if ("refusal" in requested) return reply(requested.refusal);
  if (requested.value === undefined) return reply(missing("keys"));
  const asked = storedKeys(requested.value, view);
  if ("refusal" in asked) return reply(asked.refusal);

  // As the settings would be after the commit: what is staged already is what is to be taken back, too.
  const present = mergeLeaves(view.live, view.pending(transaction.value));
  const isSet = new Set<string>();
  const returns = new Map<string, Json>();
  const generated: string[] = [];
  for (const key of new Set([...view.live.keys(), ...present.keys(), ...view.model.defaults.keys()])) {
    const above = keysAtOrAbove(key).filter((one) => asked.keys.has(one));
    if (above.length === 0) continue;
    if (view.live.has(key) || present.has(key)) for (const one of above) isSet.add(one);
    if (present.has(key) && !view.model.defaults.has(key) && view.model.settingGenerators.has(key)) {
      generated.push(key);
    }
    returns.set(key, view.model.defaults.get(key) ?? null);
  }
  const without = [...asked.keys].filter((key) => !isSet.has(key));
  if (without.length > 0) return reply(refused(404, `Nothing is set at or below ${without.join(", ")}`));
  return {
    kind: "unset",
    transaction: transaction.value,
    generated,
    changes(output) {
      const values = output === undefined ? new Map<string, Json>() : generatedLeaves(output, view);
      const known = new Map([...values].filter(([key]) => generated.includes(key)));
      return {
        leaves: whatChanges(present, new Map([...returns, ...known])),
        notGenerated: generated.filter((key) => !known.has(key)),
      };
    },
  };
}

/** The keys as the store has them, once each; or the 400 that names every key that cannot be unset. */
function storedKeys(
  requested: readonly RequestedKey[],
  { model }: View,
): { readonly keys: ReadonlySet<string> } | { readonly refusal: Reply } {
  const keys = new Set<string>();
  const problems: string[] = [];
  for (const { asked, key } of requested) {
    if (key.segments[0] !== "settings")
      problems.push(`${asked}: not a setting; the keys of settings begin with settings.`);
    else if (key.segments.length === 1)
      problems.push(`${asked}: names all settings; name a group or a setting`);
    else {
      const known = model.knownKey(key);
      if (known.ok) keys.add(known.key.text);
      else problems.push(problemText(known.problem));
    }
  }
  if (problems.length === 0) return { keys };
  return { refusal: refused(400, `Nothing was staged, because of:\n${problems.join("\n")}`) };
}

function keysAtOrAbove(text: string): readonly string[] {
  const parsed = parseKey(text);
  const segments = parsed.ok ? parsed.key.segments : [];
  return segments.map((_, at) => keyText(segments.slice(0, at + 1)));
}

/** The leaves in what the generators' program printed, checked like the body of a PATCH; none if it is not right. */
function generatedLeaves(output: string, { model }: View): Leaves {
  const parsed = parseJsonSource(output);
  const checked = parsed.ok ? model.checkSettings(parsed.node) : parsed;
  return checked.ok ? checked.leaves : new Map();
}

/** What has to be staged for the settings to be as wanted: nothing for those that are. */
function whatChanges(present: Leaves, wanted: Leaves): Leaves {
  const isAsWanted = (key: string, value: Json) =>
    value === null ? !present.has(key) : JSON.stringify(present.get(key)) === JSON.stringify(value);
  return new Map([...wanted].filter(([key, value]) => !isAsWanted(key, value)));
}
