/** JSON with the names of its objects in alphabetical order at every level. */
import type { Json } from "../settings/index.ts";

/** A copy with sorted names; lists keep their order. */
export function sortedDeep(value: Json): Json {
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) return value.map(sortedDeep);
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, sortedDeep(value[name] ?? null)]));
}

// Array.isArray does not narrow a readonly list.
const isList = (value: object): value is readonly Json[] => Array.isArray(value);
