/**
 * Texts and names under a rule. The rule is data as far as data can say it, so that the check, its messages and
 * the JSON Schema come from the same words.
 */
import { refused } from "./basic-types.ts";
import type { NameType, Schema, ValueType } from "./declaration.ts";
import { quote } from "./source.ts";

/** What a text must be; the first thing wrong is told, in the order of the members. */
export interface TextRule {
  /** What is right, as the words after "a string": "of 1 to 64 letters"; not given if any text is. */
  readonly accepted?: string;
  /** Both ends included. Types with a greatest length have `characters` of one byte each. */
  readonly length?: { readonly min?: number; readonly max?: number };
  /** All characters that may be in it, as the inside of a character class: "0-9a-z-". */
  readonly characters?: string;
  /** Patterns that must all match. */
  readonly shapes?: readonly Shape[];
  /** What a pattern cannot say, and so the schema cannot: the reason why a text is wrong, as a clause. */
  readonly problem?: (value: string) => string | undefined;
  /** The form that is stored and returned; as given when not told otherwise. */
  readonly stored?: (value: string) => string;
}

interface Shape {
  /** With anchors, for the flag `u`. */
  readonly pattern: string;
  /** The reason why a text that does not match is wrong, as a clause ("it is empty"). */
  readonly otherwise: string | ((value: string) => string);
}

/** A text under a rule. */
export function text(rule: TextRule): ValueType<string> {
  const accepted = rule.accepted === undefined ? "a string" : `a string ${rule.accepted}`;
  const problem = problemOf(rule);
  const stored = rule.stored ?? ((value) => value);
  return {
    accepted,
    writtenAs: "text",
    schema: { type: "string", ...schemaOf(rule) },
    read(node, refuse) {
      if (node.kind !== "string") return refused(node, accepted, refuse);
      const reason = problem(node.value);
      if (reason === undefined) return stored(node.value);
      return refused(node, accepted, refuse, reason);
    },
  };
}

/** The names of a map under a rule; none can be empty (specification "api" 3.1). */
export function names(rule: Omit<TextRule, "stored"> & { accepted: string }): NameType {
  const whole = { ...rule, length: { min: 1, ...rule.length } };
  return { accepted: rule.accepted, schema: schemaOf(whole), problem: problemOf(whole) };
}

/** Names that are some of a few words. */
export function oneOfNames(words: readonly string[]): NameType {
  return {
    accepted: `one of ${words.join(", ")}`,
    schema: { enum: words },
    words,
    problem: (name) => (words.includes(name) ? undefined : "it is not known"),
  };
}

/** The question what is wrong with a text under a rule; undefined is the answer for a right one. */
export function problemOf(rule: TextRule): (value: string) => string | undefined {
  const allowed = rule.characters === undefined ? undefined : new RegExp(`^[${rule.characters}]*$`, "u");
  const shapes = (rule.shapes ?? []).map(({ pattern, otherwise }) => ({
    pattern: new RegExp(pattern, "u"),
    otherwise,
  }));
  const { min = 0, max = Number.POSITIVE_INFINITY } = rule.length ?? {};
  return (value) => {
    if (value.length < min || value.length > max) {
      return value === "" ? "it is empty" : `it is ${value.length} characters long`;
    }
    if (allowed?.test(value) === false) {
      const wrong = [...value].find((character) => !allowed.test(character)) ?? "";
      return `the character ${quote(wrong)} is not allowed`;
    }
    const failed = shapes.find(({ pattern }) => !pattern.test(value));
    if (failed === undefined) return rule.problem?.(value);
    return typeof failed.otherwise === "string" ? failed.otherwise : failed.otherwise(value);
  };
}

function schemaOf(rule: TextRule): Schema {
  const patterns = (rule.shapes ?? []).map(({ pattern }) => pattern);
  if (rule.characters !== undefined) patterns.unshift(`^[${rule.characters}]*$`);
  const [only] = patterns;
  return {
    ...(rule.length?.min === undefined ? {} : { minLength: rule.length.min }),
    ...(rule.length?.max === undefined ? {} : { maxLength: rule.length.max }),
    ...(patterns.length === 1 && only !== undefined ? { pattern: only } : {}),
    ...(patterns.length > 1 ? { allOf: patterns.map((pattern) => ({ pattern })) } : {}),
  };
}
