/**
 * A document as it was written: TOML and JSON become the same tree, in which every value knows where it
 * stands. The model checks such trees; it never sees the text.
 */

/** A JSON value; what leaves hold and what replies are made of. */
export type Json = null | boolean | number | string | readonly Json[] | JsonTable;
export type JsonTable = { readonly [name: string]: Json };

/** A place in a text; both count from 1, columns in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface SourceEntry {
  readonly name: string;
  readonly value: SourceNode;
  /** Where the name stands. */
  readonly at?: Position;
}

export interface SourceTable {
  readonly kind: "table";
  readonly entries: readonly SourceEntry[];
  readonly at?: Position;
}

interface SourceList {
  readonly kind: "list";
  readonly items: readonly SourceNode[];
  readonly at?: Position;
}

type SourceScalar =
  | { readonly kind: "string"; readonly value: string; readonly at?: Position }
  | { readonly kind: "integer"; readonly value: bigint; readonly at?: Position }
  | { readonly kind: "float"; readonly value: number; readonly at?: Position }
  | { readonly kind: "boolean"; readonly value: boolean; readonly at?: Position }
  | { readonly kind: "date"; readonly text: string; readonly at?: Position }
  | { readonly kind: "null"; readonly at?: Position };

export type SourceNode = SourceTable | SourceList | SourceScalar;

/** True for a JSON object. */
export function isTable(value: Json | undefined): value is JsonTable {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One thing wrong with a document. */
export interface Problem {
  /** The full dotted key, "settings." included; "" when the whole document is meant. */
  readonly key: string;
  /** What was found: "found the integer 5". */
  readonly problem: string;
  /** What would be right: "a string". */
  readonly accepted: string;
  readonly at?: Position;
}

export type Parsed =
  | { readonly ok: true; readonly node: SourceNode }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * One line for people: `user-data.toml:3:8: settings.motd: found the integer 5; accepted: a string`.
 *
 * @param source  name of the document, when there is one to name
 */
export function problemText(problem: Problem, source?: string): string {
  const place = [source, problem.at?.line, problem.at?.column].filter((part) => part !== undefined);
  const where = [place.join(":"), problem.key].filter((part) => part !== "");
  return [...where, `${problem.problem}; accepted: ${problem.accepted}`].join(": ");
}

/** Says what a node is, as the words after "found": `the integer 5`, `the text "x"`, `a table`. */
export function describeNode(node: SourceNode): string {
  switch (node.kind) {
    case "table":
      return "a table";
    case "list":
      return "a list";
    case "string":
      return `the text ${quote(node.value)}`;
    case "integer":
      return `the integer ${shorten(String(node.value))}`;
    case "float":
      return `the number with a fraction ${Number.isInteger(node.value) ? node.value.toFixed(1) : node.value}`;
    case "boolean":
      return `the boolean ${node.value}`;
    case "date":
      return `the date or time ${shorten(node.text)}`;
    case "null":
      return "null";
  }
}

/** The kind of a node without its value: `a text`, `an integer`, `a table`. */
export function describeKind(node: SourceNode): string {
  switch (node.kind) {
    case "table":
    case "list":
      return `a ${node.kind}`;
    case "string":
      return "a text";
    case "integer":
      return "an integer";
    case "float":
      return "a number with a fraction";
    case "boolean":
      return "a boolean";
    case "date":
      return "a date or time";
    case "null":
      return "null";
  }
}

/** A text in quotes on one line, shortened to a length that can be read in a message. */
export function quote(text: string): string {
  return JSON.stringify(shorten(text));
}

function shorten(text: string): string {
  const longest = 80;
  return text.length <= longest ? text : `${text.slice(0, longest)}… (${text.length} characters)`;
}

/** The tree of a value that was never a text, so without positions. Whole numbers become integers. */
export function sourceFromJson(value: Json): SourceNode {
  if (value === null) return { kind: "null" };
  if (typeof value === "string") return { kind: "string", value };
  if (typeof value === "boolean") return { kind: "boolean", value };
  if (typeof value === "number") {
    return Number.isSafeInteger(value) ? { kind: "integer", value: BigInt(value) } : { kind: "float", value };
  }
  if (isJsonList(value)) return { kind: "list", items: value.map(sourceFromJson) };
  const entries = Object.entries(value).map(([name, member]) => ({ name, value: sourceFromJson(member) }));
  return { kind: "table", entries };
}

// Array.isArray does not narrow a union that contains readonly arrays.
function isJsonList(value: readonly Json[] | JsonTable): value is readonly Json[] {
  return Array.isArray(value);
}

/**
 * Takes the `settings` table out of a user-data or apply document (specification "settings" 4.1).
 *
 * @returns the inside of `settings`, and the names of the other top-level members, which are not used
 */
export function settingsTable(
  document: SourceNode,
):
  | { readonly ok: true; readonly node: SourceTable; readonly ignored: readonly string[] }
  | { readonly ok: false; readonly problems: readonly Problem[] } {
  if (document.kind !== "table") return refuse(document, "", `found ${describeNode(document)}`);
  const settings = document.entries.find((entry) => entry.name === "settings");
  const ignored = document.entries.filter((entry) => entry !== settings).map((entry) => entry.name);
  if (settings === undefined) {
    const found = ignored.length === 0 ? "nothing" : `only ${ignored.map(quote).join(", ")}`;
    return refuse(document, "", `found ${found} at the top level`);
  }
  if (settings.value.kind !== "table") {
    return refuse(settings.value, "settings", `found ${describeNode(settings.value)}`);
  }
  return { ok: true, node: settings.value, ignored };
}

function refuse(node: SourceNode, key: string, problem: string) {
  const accepted = key === "" ? 'a table named "settings" that holds the settings' : "a table of settings";
  return { ok: false as const, problems: [{ key, problem, accepted, ...placed(node) }] };
}

/** `{at}` if the node has a place, otherwise nothing: to be spread into problems and nodes. */
export function placed(node: { readonly at?: Position }): { at?: Position } {
  return node.at === undefined ? {} : { at: node.at };
}
