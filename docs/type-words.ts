/** What kind of value a declaration takes, in one to three words; the whole rule is `accepted`. */
import type { Declaration, Json, Schema } from "../host/settings/index.ts";

/** "text", "list", "text or list", "table by name". */
export function typeWords(declaration: Declaration): string {
  switch (declaration.kind) {
    case "leaf":
      return [...new Set(kindsOf(declaration.type.schema))].join(" or ");
    case "map":
      return "table by name";
    case "group":
      return "table";
  }
}

/** What is accepted, as the words of messages. */
export function acceptedWords(declaration: Declaration): string {
  switch (declaration.kind) {
    case "leaf":
      return declaration.type.accepted;
    case "map":
      return `a table whose names are each ${declaration.names.accepted}`;
    case "group":
      return `a table with the names ${Object.keys(declaration.members).join(", ")}`;
  }
}

/** All values of a setting that takes one of a few words. */
export function wordsOf(declaration: Declaration): readonly Json[] | undefined {
  const words = declaration.kind === "leaf" ? declaration.type.schema.enum : undefined;
  return isList(words) ? words : undefined;
}

/** What the name that users choose on the way to an entry must be; undefined where they choose none. */
export function nameWords(path: readonly Declaration[]): string | undefined {
  const map = path.slice(0, -1).findLast((declaration) => declaration.kind === "map");
  return map?.names.accepted;
}

/** What is said about reboots at the deepest place; undefined where no change needs one. */
export function rebootNeed(
  path: readonly Declaration[],
): { readonly short: string; readonly why: string } | undefined {
  const need = path.map(({ about }) => about?.needsReboot).findLast((said) => said !== undefined);
  if (need === undefined) return undefined;
  return need.when === undefined
    ? { short: "needs a reboot", why: need.why }
    : { short: "needs a reboot for some changes", why: `For some changes: ${need.why}` };
}

function kindsOf(schema: Schema): readonly string[] {
  if (isList(schema.anyOf)) return schema.anyOf.flatMap((one) => (isSchema(one) ? kindsOf(one) : []));
  if (isList(schema.enum)) return ["word"];
  const names: { readonly [type: string]: string } = { string: "text", array: "list", object: "table" };
  return typeof schema.type === "string" ? [names[schema.type] ?? schema.type] : ["value"];
}

function isSchema(value: Json): value is Schema {
  return typeof value === "object" && value !== null && !isList(value);
}

// Array.isArray does not narrow a union that contains readonly arrays.
function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
