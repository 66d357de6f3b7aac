/**
 * Migrations as they are written: `{"format":1,"steps":[{"rename-setting":{"from":"settings.a","to":"settings.b"}}]}`,
 * and the same in TOML where people write them. They are data and not programs: whoever carries one out knows all that it
 * can do, and can tell beforehand whether it knows how. Decides.
 */
import {
  describeNode,
  type Json,
  type Key,
  type Parsed,
  parseJsonSource,
  parseKey,
  type SourceNode,
} from "../../settings/index.ts";
import { TableReader } from "../../settings/table-reader.ts";
import { fail } from "./failures.ts";
import type { Step } from "./steps.ts";

export interface Migration {
  /** Of its target, for messages. */
  readonly name: string;
  /** In the order in which they are carried out forward. */
  readonly steps: readonly Step[];
}

const FORMAT = 1n;

/** @throws Failure "migrations/bad" with everything that is wrong, and where */
export function parseMigration(name: string, text: string): Migration {
  return readMigration(name, parseJsonSource(text));
}

/**
 * Reads a migration out of what was read of JSON or TOML.
 *
 * @param name  of the target, or of the file, for messages
 * @throws Failure "migrations/bad" with everything that is wrong, and where
 */
export function readMigration(name: string, source: Parsed): Migration {
  const reader = new TableReader(name);
  if (!source.ok) {
    for (const { key, problem, accepted, at } of source.problems)
      reader.mistake(key, { at }, problem, accepted);
    throw bad(reader);
  }
  const fields = reader.table("", source.node, ["format", "steps"]);
  const format = fields.get("format");
  if (format?.kind !== "integer" || format.value !== FORMAT) {
    // What another format means by its other fields is not known.
    const wrong = new TableReader(name);
    wrong.mistake("format", format, found(format), `${FORMAT}`);
    throw bad(wrong);
  }
  const steps = readSteps(reader, fields.get("steps"));
  if (reader.mistakes.length > 0) throw bad(reader);
  return { name, steps };
}

/** The text that hosts read. */
export function migrationText({ steps }: Migration): string {
  return JSON.stringify({ format: Number(FORMAT), steps: steps.map(stepJson) });
}

function readSteps(reader: TableReader, node: SourceNode | undefined): readonly Step[] {
  if (node?.kind !== "list") {
    reader.mistake("steps", node, found(node), "a list of steps");
    return [];
  }
  return node.items.flatMap((item, at) => readStep(reader, `steps[${at}]`, item) ?? []);
}

const kinds = {
  "add-settings": keyList("add-settings"),
  "add-prefixes": keyList("add-prefixes"),
  "remove-settings": keyList("remove-settings"),
  "remove-prefixes": keyList("remove-prefixes"),
  "rename-setting": readRename,
  "replace-string": replacement("replace-string", textOf, "a string"),
  "replace-number": replacement("replace-number", numberOf, "a number"),
  "replace-boolean": replacement("replace-boolean", booleanOf, "true or false"),
  "replace-list": replacement("replace-list", textsOf, "a list of strings"),
  "replace-template": replacement("replace-template", textOf, "a template"),
} satisfies { readonly [Kind in Step["kind"]]: ReadStep<Step & { readonly kind: Kind }> };

/** What a table of one member says; undefined after a mistake. */
type ReadStep<Of extends Step> = (reader: TableReader, field: string, node: SourceNode) => Of | undefined;

function isKind(name: string): name is Step["kind"] {
  return Object.hasOwn(kinds, name);
}

function readStep(reader: TableReader, field: string, node: SourceNode): Step | undefined {
  const known = Object.keys(kinds).join(", ");
  const [entry, another] = node.kind === "table" ? node.entries : [];
  if (entry === undefined || another !== undefined) {
    const what = another === undefined ? found(node) : `found ${entry?.name} and ${another.name} in one step`;
    reader.mistake(field, node, what, `a table with one of ${known}`);
    return undefined;
  }
  if (isKind(entry.name)) return kinds[entry.name](reader, `${field}.${entry.name}`, entry.value);
  reader.mistake(`${field}.${entry.name}`, entry, "unknown step", known);
  return undefined;
}

function keyList<Kind extends "add-settings" | "add-prefixes" | "remove-settings" | "remove-prefixes">(
  kind: Kind,
) {
  return (reader: TableReader, field: string, node: SourceNode) => {
    if (node.kind !== "list" || node.items.length === 0) {
      reader.mistake(field, node, found(node), "a list of keys");
      return undefined;
    }
    return { kind, keys: node.items.flatMap((item, at) => readKey(reader, `${field}[${at}]`, item) ?? []) };
  };
}

function readRename(reader: TableReader, field: string, node: SourceNode) {
  const fields = reader.table(field, node, ["from", "to"]);
  const from = readKey(reader, `${field}.from`, fields.get("from"));
  const to = readKey(reader, `${field}.to`, fields.get("to"));
  if (from === undefined || to === undefined) return undefined;
  const shared = from.segments.findIndex((segment, at) => segment !== to.segments[at]);
  const isWithin = shared === -1 || shared >= to.segments.length;
  if (!isWithin) return { kind: "rename-setting" as const, from, to };
  // The way back could not tell what was there before.
  reader.mistake(
    field,
    node,
    `one of ${from.text} and ${to.text} holds the other`,
    "two keys apart from each other",
  );
  return undefined;
}

function replacement<Kind extends Step["kind"], Value>(
  kind: Kind,
  read: (node: SourceNode) => Value | undefined,
  accepted: string,
) {
  return (reader: TableReader, field: string, node: SourceNode) => {
    const fields = reader.table(field, node, ["key", "old", "new"]);
    const key = readKey(reader, `${field}.key`, fields.get("key"));
    const [old, next] = ["old", "new"].map((name) => {
      const value = fields.get(name);
      const right = value === undefined ? undefined : read(value);
      if (right === undefined) reader.mistake(`${field}.${name}`, value, found(value), accepted);
      return right;
    });
    return key === undefined || old === undefined || next === undefined
      ? undefined
      : { kind, key, old, new: next };
  };
}

function textOf(node: SourceNode): string | undefined {
  return node.kind === "string" ? node.value : undefined;
}

function numberOf(node: SourceNode): number | undefined {
  return node.kind === "integer" || node.kind === "float" ? Number(node.value) : undefined;
}

function booleanOf(node: SourceNode): boolean | undefined {
  return node.kind === "boolean" ? node.value : undefined;
}

function textsOf(node: SourceNode): readonly string[] | undefined {
  if (node.kind !== "list") return undefined;
  const texts = node.items.flatMap((item) => textOf(item) ?? []);
  return texts.length === node.items.length ? texts : undefined;
}

function readKey(reader: TableReader, field: string, node: SourceNode | undefined): Key | undefined {
  const parsed = node?.kind === "string" ? parseKey(node.value) : undefined;
  if (parsed?.ok && parsed.key.segments[0] === "settings" && parsed.key.segments.length > 1)
    return parsed.key;
  const why = parsed?.ok === false ? `: ${parsed.reason}` : "";
  reader.mistake(field, node, found(node) + why, "the key of a setting, such as settings.motd");
  return undefined;
}

function found(node: SourceNode | undefined): string {
  return node === undefined ? "missing" : `found ${describeNode(node)}`;
}

function stepJson(step: Step): { readonly [kind: string]: Json } {
  switch (step.kind) {
    case "add-settings":
    case "add-prefixes":
    case "remove-settings":
    case "remove-prefixes":
      return { [step.kind]: step.keys.map(({ text }) => text) };
    case "rename-setting":
      return { [step.kind]: { from: step.from.text, to: step.to.text } };
    case "replace-string":
    case "replace-number":
    case "replace-boolean":
    case "replace-list":
    case "replace-template":
      return { [step.kind]: { key: step.key.text, old: step.old, new: step.new } };
  }
}

function bad({ file, mistakes }: TableReader) {
  const problems = mistakes.map((mistake) => {
    const where = [mistake.file, mistake.field].filter((part) => part !== "").join(": ");
    return `${where}: ${mistake.found}; accepted: ${mistake.accepted}`;
  });
  return fail("migrations/bad", { name: file, problems });
}
