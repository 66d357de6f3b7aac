/** Whether the version that starts takes the settings that it was brought. Decides. */
import { type Json, type Model, parseKey, problemText, sourceFromJson } from "../../settings/index.ts";
import type { StoreDocument } from "../documents.ts";
import type { Leaves } from "../transactions.ts";

/** What of a model is needed to judge settings one by one. */
export type Judge = Pick<Model, "checkSettings" | "nest" | "knownKey">;

export interface Fitted {
  readonly document: StoreDocument;
  /** What was not taken, as lines for people: the keys with what is wrong. */
  readonly refused: readonly string[];
}

/**
 * Leaves out what a model does not take: settings that it does not have, or values that it does not accept. Rules
 * between settings are not asked: they hold for changes, and nobody has changed anything here.
 *
 * @param kept  values to be taken instead, where they are acceptable
 */
export function fitTo(model: Judge, document: StoreDocument, kept: Leaves = new Map()): Fitted {
  const { leaves, refused } = fitLeaves(model, document.leaves, kept);
  const { trial } = document;
  if (refused.length === 0 && trial === undefined) return { document, refused };
  if (trial === undefined) return { document: { ...document, leaves }, refused };
  // Told only for what is in force; what would be put back of a setting that is not there any more is nothing.
  const before = fitLeaves(model, trial.before, kept).leaves;
  return { document: { ...document, leaves, trial: { ...trial, before } }, refused };
}

function fitLeaves(
  model: Judge,
  leaves: Leaves,
  kept: Leaves,
): { leaves: Leaves; refused: readonly string[] } {
  const fitting = new Map<string, Json>();
  const refused: string[] = [];
  for (const [key, value] of leaves) {
    const problem = problemOf(model, key, value);
    if (problem === undefined) {
      fitting.set(key, value);
      continue;
    }
    refused.push(problem);
    const before = kept.get(key);
    if (before !== undefined && problemOf(model, key, before) === undefined) fitting.set(key, before);
  }
  return { leaves: fitting, refused };
}

/** Why a model does not take a leaf, or undefined if it does. Null, "to be removed", is right for every known key. */
function problemOf(model: Judge, text: string, value: Json): string | undefined {
  const parsed = parseKey(text);
  if (!parsed.ok) return `${text}: not a key: ${parsed.reason}`;
  if (parsed.key.segments[0] !== "settings") return `${text}: not a setting`;
  const known = model.knownKey(parsed.key);
  if (!known.ok) return problemText(known.problem);
  // A name from before counts in what people write, but nothing looks for it in the store.
  if (known.key.text !== text) return `${text}: is called ${known.key.text} now`;
  if (value === null) return undefined;
  const checked = model.checkSettings(sourceFromJson(model.nest(new Map([[text, value]]))));
  return checked.ok ? undefined : checked.problems.map((problem) => problemText(problem)).join("; ");
}
