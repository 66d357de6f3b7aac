/** The words `KEY=VALUE` of `apiclient set` (api.md 8.4). */
import {
  type Key,
  parseKey,
  type SourceEntry,
  type SourceNode,
  type SourceTable,
} from "../../settings/index.ts";

/** A key under `settings`, and the text to convert to the type that the model declares for it. */
export interface Setting {
  readonly key: Key;
  readonly text: string;
}

/**
 * Splits a word at its first `=`.
 *
 * @returns the setting with `settings` in front of its key, or one sentence about what is wrong
 */
export function settingWord(word: string): Setting | string {
  const equals = word.indexOf("=");
  if (equals === -1) return `${JSON.stringify(word)} is not of the form KEY=VALUE`;
  const written = word.slice(0, equals);
  const parsed = parseKey(written);
  if (!parsed.ok) return `${JSON.stringify(written)} is not a key: ${parsed.reason}`;
  if (parsed.key.segments[0] === "settings") return { key: parsed.key, text: word.slice(equals + 1) };
  const full = parseKey(`settings.${written}`);
  if (!full.ok) return `${JSON.stringify(written)} is not a key: ${full.reason}`;
  return { key: full.key, text: word.slice(equals + 1) };
}

/**
 * Builds the inside of `settings` out of single values. Of a key given twice the last value counts.
 *
 * @returns the tree, or the key that stands both for a value and for a table
 */
export function tableOfSettings(
  values: readonly { readonly key: Key; readonly node: SourceNode }[],
): SourceTable | { readonly conflict: string } {
  let table: SourceTable = { kind: "table", entries: [] };
  for (const { key, node } of values) {
    const next = withValue(table, key.segments.slice(1), node);
    if (next === undefined) return { conflict: key.text };
    table = next;
  }
  return table;
}

function withValue(table: SourceTable, path: readonly string[], node: SourceNode): SourceTable | undefined {
  const [name, ...below] = path;
  if (name === undefined) return undefined;
  const existing = table.entries.find((entry) => entry.name === name)?.value;
  const others = table.entries.filter((entry) => entry.name !== name);
  const put = (value: SourceNode): SourceTable => ({ kind: "table", entries: [...others, { name, value }] });
  if (below.length === 0) return existing?.kind === "table" ? undefined : put(node);
  if (existing !== undefined && existing.kind !== "table") return undefined;
  const inner = withValue(existing ?? { kind: "table", entries: [] }, below, node);
  return inner === undefined ? undefined : put(inner);
}

/** Lays one table over another: tables are merged, any other value replaces. */
export function mergeTables(base: SourceTable, over: SourceTable): SourceTable {
  const merged = new Map<string, SourceEntry>(base.entries.map((entry) => [entry.name, entry]));
  for (const entry of over.entries) {
    const below = merged.get(entry.name)?.value;
    const value =
      below?.kind === "table" && entry.value.kind === "table" ? mergeTables(below, entry.value) : entry.value;
    merged.set(entry.name, { ...entry, value });
  }
  return { ...base, entries: [...merged.values()] };
}
