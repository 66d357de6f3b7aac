/**
 * What a migration does to the settings of a store, in both directions (specification "updates" 11.5). Decides.
 *
 * Metadata, services and configuration files are not in the store: they come with the variant of the version that runs,
 * so the helpers of the reference that change them have no counterpart here.
 *
 * Every step changes one leaf at a time, and leaves alone what is not set and what the user has changed. So a step does
 * the same to the settings whether a transaction is committed before it or after it, and each leaf can be followed from
 * one version to the other. (A template looks at other leaves, but changes only its own.)
 */
import { type Json, type Key, keyText, parseKey } from "../../settings/index.ts";
import type { Leaves } from "../transactions.ts";
import { fail } from "./failures.ts";

export type Step =
  /** Settings that the older version does not know: forward nothing, for defaults and generators fill them; backward removed. */
  | { readonly kind: "add-settings"; readonly keys: readonly Key[] }
  /** The same for everything at or below the keys. */
  | { readonly kind: "add-prefixes"; readonly keys: readonly Key[] }
  /** Settings that the newer version does not know: forward removed. */
  | { readonly kind: "remove-settings"; readonly keys: readonly Key[] }
  /** The same for everything at or below the keys. */
  | { readonly kind: "remove-prefixes"; readonly keys: readonly Key[] }
  /** A setting, or a whole group, under another key. */
  | { readonly kind: "rename-setting"; readonly from: Key; readonly to: Key }
  /** A value that was a default and is another one now. */
  | { readonly kind: "replace-string"; readonly key: Key; readonly old: string; readonly new: string }
  | { readonly kind: "replace-number"; readonly key: Key; readonly old: number; readonly new: number }
  | { readonly kind: "replace-boolean"; readonly key: Key; readonly old: boolean; readonly new: boolean }
  /** The same for a list of strings; their order counts. */
  | {
      readonly kind: "replace-list";
      readonly key: Key;
      readonly old: readonly string[];
      readonly new: readonly string[];
    }
  /** A value that was made from a template, and is made from another one now. */
  | { readonly kind: "replace-template"; readonly key: Key; readonly old: string; readonly new: string };

export type Direction = "forward" | "backward";

/**
 * The value that a template makes of settings.
 *
 * @throws if it cannot be made of them
 */
export type Render = (key: Key, template: string, leaves: Leaves) => string;

/**
 * Carries one step out.
 *
 * @param leaves  null is "to be removed", as in a transaction; it stays one
 * @param render  absent where there is only a part of the settings: what was made from a template stays then
 * @throws Failure "migrations/not-strings" where a list of strings is to be compared with something else,
 *   "migrations/not-a-string" where a text is; what `render` throws of the template that comes
 */
export function carryOut(step: Step, direction: Direction, leaves: Leaves, render?: Render): Leaves {
  const isForward = direction === "forward";
  switch (step.kind) {
    case "add-settings":
      return isForward ? leaves : without(leaves, step.keys, isKey);
    case "add-prefixes":
      return isForward ? leaves : without(leaves, step.keys, isAtOrBelow);
    case "remove-settings":
      return isForward ? without(leaves, step.keys, isKey) : leaves;
    case "remove-prefixes":
      return isForward ? without(leaves, step.keys, isAtOrBelow) : leaves;
    case "rename-setting":
      return isForward ? renamed(leaves, step.from, step.to) : renamed(leaves, step.to, step.from);
    case "replace-string":
    case "replace-number":
    case "replace-boolean": {
      const [from, to] = isForward ? [step.old, step.new] : [step.new, step.old];
      return leaves.get(step.key.text) === from ? new Map([...leaves, [step.key.text, to]]) : leaves;
    }
    case "replace-list": {
      const [from, to] = isForward ? [step.old, step.new] : [step.new, step.old];
      const present = stringsOf(step.key, leaves.get(step.key.text));
      const isSame = present?.length === from.length && from.every((item, at) => item === present[at]);
      return isSame ? new Map([...leaves, [step.key.text, to]]) : leaves;
    }
    case "replace-template": {
      const [from, to] = isForward ? [step.old, step.new] : [step.new, step.old];
      const present = leaves.get(step.key.text);
      if (render === undefined || present === undefined || present === null) return leaves;
      if (typeof present !== "string") throw fail("migrations/not-a-string", { key: step.key.text });
      const isMade = present === rendered(render, step.key, from, leaves);
      return isMade ? new Map([...leaves, [step.key.text, render(step.key, to, leaves)]]) : leaves;
    }
  }
}

/** Undefined where the template that goes makes nothing of the settings: the value is not from it then. */
function rendered(render: Render, key: Key, template: string, leaves: Leaves): string | undefined {
  try {
    return render(key, template, leaves);
  } catch {
    return undefined;
  }
}

type Relation = (key: Key, text: string) => boolean;

const isKey: Relation = (key, text) => key.text === text;

/** By segments: `settings.awsome` is not below `settings.aws`, though its text begins so (the reference removes it). */
const isAtOrBelow: Relation = ({ segments }, text) => {
  const parsed = parseKey(text);
  return parsed.ok && segments.every((segment, at) => segment === parsed.key.segments[at]);
};

function without(leaves: Leaves, keys: readonly Key[], relation: Relation): Leaves {
  return new Map([...leaves].filter(([text]) => !keys.some((key) => relation(key, text))));
}

/** What is set under the new key already stays: it was meant for it. */
function renamed(leaves: Leaves, from: Key, to: Key): Leaves {
  const moved = [...leaves].filter(([text]) => isAtOrBelow(from, text));
  const stays = [...leaves].filter(([text]) => !isAtOrBelow(from, text));
  return new Map([
    ...moved.map(([text, value]): [string, Json] => [moveKey(text, from, to), value]),
    ...stays,
  ]);
}

function moveKey(text: string, from: Key, to: Key): string {
  const parsed = parseKey(text);
  const below = parsed.ok ? parsed.key.segments.slice(from.segments.length) : [];
  return keyText([...to.segments, ...below]);
}

/** The items of a list; undefined for what is none. */
function stringsOf(key: Key, value: Json | undefined): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items: readonly Json[] = value;
  const strings = items.filter((item) => typeof item === "string");
  if (strings.length !== items.length) throw fail("migrations/not-strings", { key: key.text });
  return strings;
}
