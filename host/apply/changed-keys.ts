/** What the applier is given on its standard input. */

import { failure } from "./failures.ts";
import type { Model } from "./template.ts";

/**
 * Reads a JSON array of the full dotted names of changed settings.
 *
 * @throws  Failure "apply/bad-input" if it is anything else, or empty (specification "api" 11.1)
 */
export function parseChangedKeys(text: string): readonly string[] {
  return changedKeys(parsed(text));
}

/**
 * Reads what a preview is made of: `{"keys": […], "model": {…}}`, the keys as above.
 *
 * @throws  Failure "apply/bad-input"
 */
export function parsePreviewInput(text: string): { readonly keys: readonly string[]; readonly model: Model } {
  const value = parsed(text);
  const field = (name: string): unknown =>
    typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  const keys = changedKeys(field("keys"));
  const model = field("model");
  if (typeof model === "object" && model !== null && !Array.isArray(model))
    return { keys, model: model as Model };
  throw failure("apply/bad-input", { found: "no model beside the keys" });
}

function changedKeys(value: unknown): readonly string[] {
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
