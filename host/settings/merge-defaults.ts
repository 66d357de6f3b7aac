/**
 * Joins the default fragments of a variant (specification "settings" 10.1): tables are merged, anything else
 * of a later fragment replaces what an earlier one has, and two values of different types are a mistake.
 */
import type { Mistake } from "./failures.ts";
import { keyText } from "./keys.ts";
import { describeNode, type Json, type SourceNode } from "./source.ts";

/** One file of variants/shared/defaults. */
export interface Fragment {
  /** As people would name it, for the messages. */
  readonly file: string;
  readonly node: SourceNode;
}

/**
 * Merges fragments in order.
 *
 * @returns the merged document as JSON, and everything that could not be merged or has no place in JSON
 */
export function mergeDefaults(fragments: readonly Fragment[]): { merged: Json; mistakes: Mistake[] } {
  const mistakes: Mistake[] = [];
  let merged: SourceNode = { kind: "table", entries: [] };
  for (const { file, node } of fragments) {
    refuseDates(node, [], file, mistakes);
    merged = mergeNode(merged, node, [], file, mistakes);
  }
  return { merged: jsonOf(merged), mistakes };
}

function refuseDates(node: SourceNode, path: readonly string[], file: string, mistakes: Mistake[]): void {
  if (node.kind === "date") {
    mistakes.push({
      ...placeOf(node, path, file),
      found: `found ${describeNode(node)}`,
      accepted: "a JSON value",
    });
  }
  if (node.kind === "list") for (const item of node.items) refuseDates(item, path, file, mistakes);
  if (node.kind !== "table") return;
  for (const { name, value } of node.entries) refuseDates(value, [...path, name], file, mistakes);
}

function placeOf(node: SourceNode, path: readonly string[], file: string): { file: string; field: string } {
  const at = node.at === undefined ? "" : `:${node.at.line}:${node.at.column}`;
  return { file: file + at, field: keyText(path) };
}

function mergeNode(
  left: SourceNode,
  right: SourceNode,
  path: readonly string[],
  file: string,
  mistakes: Mistake[],
): SourceNode {
  if (left.kind !== right.kind) {
    mistakes.push({
      ...placeOf(right, path, file),
      found: `found ${describeNode(right)}`,
      accepted: `${describeKind(left)}, as in an earlier fragment`,
    });
    return left;
  }
  if (left.kind !== "table" || right.kind !== "table") return right;
  const entries = new Map(left.entries.map((entry) => [entry.name, entry]));
  for (const entry of right.entries) {
    const before = entries.get(entry.name);
    const value =
      before === undefined
        ? entry.value
        : mergeNode(before.value, entry.value, [...path, entry.name], file, mistakes);
    entries.set(entry.name, { ...entry, value });
  }
  return { ...left, entries: [...entries.values()] };
}

function describeKind(node: SourceNode): string {
  return node.kind === "integer" ? "an integer" : `a ${node.kind}`;
}

/** Only called for what has no mistakes, or to be thrown away: dates stand here for the sake of the types. */
function jsonOf(node: SourceNode): Json {
  switch (node.kind) {
    case "table":
      return Object.fromEntries(node.entries.map((entry) => [entry.name, jsonOf(entry.value)]));
    case "list":
      return node.items.map(jsonOf);
    case "integer":
      return Number(node.value);
    case "date":
      return node.text;
    case "null":
      return null;
    case "string":
    case "float":
    case "boolean":
      return node.value;
  }
}
