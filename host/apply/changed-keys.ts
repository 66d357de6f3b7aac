/** The changed keys that the applier is given on its standard input. */

import { failure } from "./failures.ts";

/**
 * Reads a JSON array of the full dotted names of changed settings.
 *
 * @throws  Failure "apply/bad-input" if it is anything else, or empty (specification "api" 11.1)
 */
export function parseChangedKeys(text: string): readonly string[] {
  const value = parsed(text);
  if (!Array.isArray(value)) throw failure("apply/bad-input", { found: "not an array" });
  if (value.length === 0) throw failure("apply/bad-input", { found: "an empty array" });
  const wrong = value.findIndex((item) => typeof item !== "string" || item === "");
  if (wrong !== -1)
    throw failure("apply/bad-input", { found: `element ${wrong} is not the name of a setting` });
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw failure("apply/bad-input", { found: text.trim() === "" ? "nothing" : "not JSON" }, { cause });
  }
}
