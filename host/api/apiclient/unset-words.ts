/** The words `KEY` of `apiclient unset`. */
import { type Key, settingsKey } from "../../settings/index.ts";

/** Reads the keys of the command line: "settings." may be left out. @returns them, or one sentence about what is wrong */
export function keysToUnset(words: readonly string[]): readonly Key[] | string {
  if (words.length === 0) return "unset needs one or more KEY words";
  const keys: Key[] = [];
  for (const word of words) {
    const parsed = settingsKey(word);
    if (!parsed.ok) return `${JSON.stringify(word)} is not a key: ${parsed.reason}`;
    if (parsed.key.segments.length === 1) return `${JSON.stringify(word)} names all settings, not one`;
    keys.push(parsed.key);
  }
  return keys;
}
