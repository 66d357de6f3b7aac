/** What kind of value a template has come upon. */

/** What a value is, for messages; not the value, which may be secret. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a table";
  return typeof value === "string" ? "a text" : `a ${typeof value}`;
}

export function isTable(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
