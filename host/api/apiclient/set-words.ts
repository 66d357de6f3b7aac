/** The words `KEY=VALUE` of `apiclient set` (api.md 8.4). */
import { type Key, type SourceEntry, type SourceTable, settingsKey } from "../../settings/index.ts";

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
  const parsed = settingsKey(written);
  if (!parsed.ok) return `${JSON.stringify(written)} is not a key: ${parsed.reason}`;
  if (parsed.key.segments.length === 1) return `${JSON.stringify(written)} names all settings, not one`;
  return { key: parsed.key, text: word.slice(equals + 1) };
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
