/** The types that other types are made of: texts with a rule, booleans, integers, lists, one of some words. */
import type { NameType, Refusal, ValueType } from "./declaration.ts";
import { describeNode, type Json, placed, quote, type SourceNode } from "./source.ts";

/**
 * A text with a rule.
 *
 * @param accepted  what is right, as the words after "a string": "of 1 to 64 letters"; "" if any text is
 * @param problem   the reason why a text is wrong, as a clause ("it is empty"), or undefined
 * @param stored    the form that is stored and returned; as given when not told otherwise
 */
export function text(
  accepted: string,
  problem: (value: string) => string | undefined,
  stored: (value: string) => string = (value) => value,
): ValueType<string> {
  const described = accepted === "" ? "a string" : `a string ${accepted}`;
  return {
    accepted: described,
    writtenAs: "text",
    read(node, refuse) {
      if (node.kind !== "string") return refused(node, described, refuse);
      const reason = problem(node.value);
      if (reason === undefined) return stored(node.value);
      return refused(node, described, refuse, reason);
    },
  };
}

/** The names of a map under the rule of a text type. */
export function names(accepted: string, problem: (name: string) => string | undefined): NameType {
  return { accepted, problem };
}

/** `true` or `false`, never a word or a number that means one. */
export const boolean: ValueType<boolean> = {
  accepted: "true or false",
  writtenAs: "boolean",
  read: (node, refuse) => (node.kind === "boolean" ? node.value : refused(node, "true or false", refuse)),
};

/**
 * A whole number.
 *
 * @param range  both ends included, and within ±(2^53 - 1), so that the value is exact in JSON
 */
export function integer(range: { min: number; max: number }): ValueType<number> {
  const accepted = `an integer from ${range.min} to ${range.max}`;
  return {
    accepted,
    writtenAs: "integer",
    read(node, refuse) {
      const inside = node.kind === "integer" && node.value >= range.min && node.value <= range.max;
      return inside ? Number(node.value) : refused(node, accepted, refuse);
    },
  };
}

/** One of some words, exactly as written. */
export function oneOf<const Word extends string>(words: readonly Word[]): ValueType<Word> {
  const accepted = `one of ${words.map((word) => `"${word}"`).join(", ")}`;
  return {
    accepted,
    writtenAs: "text",
    read(node, refuse) {
      const found = node.kind === "string" ? words.find((word) => word === node.value) : undefined;
      return found ?? refused(node, accepted, refuse);
    },
  };
}

/** Any number of items of one type, stored as one leaf in the given order. */
export function list<T extends Json>(item: ValueType<T>): ValueType<readonly T[]> {
  const accepted = `a list, each item ${item.accepted}`;
  return {
    accepted,
    writtenAs: "json",
    read(node, refuse) {
      if (node.kind !== "list") return refused(node, accepted, refuse);
      return readItems(node.items, item, refuse);
    },
  };
}

/** Reads every item and tells which ones are wrong, counted from 1. */
function readItems<T extends Json>(
  nodes: readonly SourceNode[],
  item: ValueType<T>,
  refuse: (refusal: Refusal) => void,
): readonly T[] | undefined {
  const values: T[] = [];
  nodes.forEach((node, index) => {
    const value = item.read(node, (refusal) =>
      refuse({ ...refusal, problem: `item ${index + 1}: ${refusal.problem}` }),
    );
    if (value !== undefined) values.push(value);
  });
  return values.length === nodes.length ? values : undefined;
}

/** Refuses a node: what it is, why it is wrong if its kind alone does not say so, and what is accepted. */
export function refused(
  node: SourceNode,
  accepted: string,
  refuse: (refusal: Refusal) => void,
  reason?: string,
): undefined {
  const problem = `found ${describeNode(node)}${reason === undefined ? "" : `: ${reason}`}`;
  refuse({ problem, accepted, ...placed(node) });
  return undefined;
}

/** The first character of a text that a pattern for one character does not take, quoted, or undefined. */
export function firstCharacterNot(pattern: RegExp, value: string): string | undefined {
  const wrong = [...value].find((character) => !pattern.test(character));
  return wrong === undefined ? undefined : quote(wrong);
}
