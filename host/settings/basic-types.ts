/** The types that other types are made of: booleans, integers, lists, one of some words. Texts: text-rule.ts. */
import type { Refusal, ValueType } from "./declaration.ts";
import { describeNode, type Json, placed, type SourceNode } from "./source.ts";

/** `true` or `false`, never a word or a number that means one. */
export const boolean: ValueType<boolean> = {
  accepted: "true or false",
  writtenAs: "boolean",
  schema: { type: "boolean" },
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
    schema: { type: "integer", minimum: range.min, maximum: range.max },
    read(node, refuse) {
      const inside = node.kind === "integer" && node.value >= range.min && node.value <= range.max;
      return inside ? Number(node.value) : refused(node, accepted, refuse);
    },
  };
}

/** Whole numbers of 32 bits. */
export const signed32 = integer({ min: -2_147_483_648, max: 2_147_483_647 });
export const unsigned32 = integer({ min: 0, max: 4_294_967_295 });

/**
 * What the reference keeps in 64 bits (specification "settings" 4.3). Beyond 2^53 whoever reads JSON as JavaScript, jq
 * or Go's plain maps do gets another number than was set; no kernel and no agent counts so far, so those values are
 * refused instead.
 */
export const signed64 = integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });

/** One of some words, exactly as written. */
export function oneOf<const Word extends string>(words: readonly Word[]): ValueType<Word> {
  const accepted = `one of ${words.map((word) => `"${word}"`).join(", ")}`;
  return {
    accepted,
    writtenAs: "text",
    schema: { enum: words },
    read(node, refuse) {
      const found = node.kind === "string" ? words.find((word) => word === node.value) : undefined;
      return found ?? refused(node, accepted, refuse);
    },
  };
}

/** Items of one type, stored as one leaf in the given order: any number of them, or at least so many. */
export function list<T extends Json>(
  item: ValueType<T>,
  { least = 0 }: { least?: number } = {},
): ValueType<readonly T[]> {
  const accepted = `a list${least === 0 ? "" : ` of at least ${least}`}, each item ${item.accepted}`;
  return {
    accepted,
    writtenAs: "json",
    schema: { type: "array", items: item.schema, ...(least === 0 ? {} : { minItems: least }) },
    ...secretIf(item),
    read(node, refuse) {
      if (node.kind !== "list") return refused(node, accepted, refuse);
      if (node.items.length >= least) return readItems(node.items, item, refuse);
      refuse({ problem: `found a list of ${node.items.length}`, accepted, ...placed(node) });
      return undefined;
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
    const value = item.read(node, within(`item ${index + 1}`, refuse));
    if (value !== undefined) values.push(value);
  });
  return values.length === nodes.length ? values : undefined;
}

/** Says of each refusal in which part of the value it is. */
export function within(part: string, refuse: (refusal: Refusal) => void): (refusal: Refusal) => void {
  return (refusal) => refuse({ ...refusal, problem: `${part}: ${refusal.problem}` });
}

/** What of a type is secret because one of the types that it is made of is: to be spread into it. */
export function secretIf(
  ...parts: readonly ValueType<Json>[]
): Pick<ValueType<Json>, "secret" | "secretMembers"> {
  const secret = parts.filter((part) => part.secret === true);
  if (secret.length === 0) return {};
  const members = secret.map(({ secretMembers }) => secretMembers);
  if (members.includes(undefined)) return { secret: true };
  return { secret: true, secretMembers: [...new Set(members.flatMap((names) => names ?? []))] };
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
