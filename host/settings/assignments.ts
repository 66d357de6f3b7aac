/**
 * `KEY=TEXT` of `apiclient set`: the text is read by the declared type of the key. What the reference's
 * guessing takes stays right; what it guessed wrong ("motd=42") is right now too (specification "api" 8.4).
 */
import { type Declaration, type Group, memberNamed, type ValueType } from "./declaration.ts";
import { parseJsonSource } from "./json-source.ts";
import { type Key, type ParsedKey, parseKey } from "./keys.ts";
import type { Json, Problem, SourceEntry, SourceNode } from "./source.ts";

/** Reads the key of an assignment; "settings." is put in front unless it is there. */
export function settingsKey(text: string): ParsedKey {
  const parsed = parseKey(text);
  if (!parsed.ok || parsed.key.segments[0] === "settings") return parsed;
  return parseKey(`settings.${text}`);
}

/**
 * Reads the text given for a key.
 *
 * @param model  the inside of `settings`
 * @returns the value as if a document had held it; it is not checked against its type yet. Or the problem:
 *   there is no such setting, or a list, map or group whose text is not JSON
 */
export function nodeOfText(model: Group, key: Key, text: string): SourceNode | Problem {
  const declaration = declarationAt(model, key.segments.slice(1));
  // An unknown key is the check's business, which tells the names that exist.
  if (declaration === undefined) return { kind: "string", value: text };
  if (declaration.kind === "leaf") return scalarOfText(key, declaration.type, text);
  return jsonOfText(key, "a table written as JSON", text, holdsSecret(declaration));
}

function scalarOfText(key: Key, type: ValueType<Json>, text: string): SourceNode | Problem {
  const trimmed = text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
  switch (type.writtenAs) {
    case "text":
      return { kind: "string", value: text };
    case "boolean":
      return trimmed === "true" || trimmed === "false"
        ? { kind: "boolean", value: trimmed === "true" }
        : { kind: "string", value: text };
    case "integer": {
      const parsed = parseJsonSource(trimmed);
      const number = parsed.ok && (parsed.node.kind === "integer" || parsed.node.kind === "float");
      return number ? withoutPlace(parsed.node) : { kind: "string", value: text };
    }
    case "json":
      return jsonOfText(key, `${type.accepted}, written as JSON`, text, type.secret);
    case "json-or-text": {
      const parsed = parseJsonSource(text);
      return parsed.ok ? withoutPlace(parsed.node) : { kind: "string", value: text };
    }
  }
}

function jsonOfText(
  key: Key,
  accepted: string,
  text: string,
  isSecret: boolean | undefined,
): SourceNode | Problem {
  const parsed = parseJsonSource(text);
  if (parsed.ok) return withoutPlace(parsed.node);
  const shown =
    isSecret === true ? "a text that is no JSON" : `the text ${JSON.stringify(text.slice(0, 80))}`;
  return { key: key.text, problem: `found ${shown}`, accepted };
}

/** Whether a setting below is secret: then what was meant for it is not to be shown either. */
function holdsSecret(declaration: Declaration): boolean {
  switch (declaration.kind) {
    case "leaf":
      return declaration.type.secret === true;
    case "group":
      return Object.values(declaration.members).some(holdsSecret);
    case "map":
      return holdsSecret(declaration.value);
  }
}

/** The place inside of one argument's text would be taken for one in a document. */
function withoutPlace(node: SourceNode): SourceNode {
  const { at: _, ...rest } = node;
  if (rest.kind === "list") return { ...rest, items: rest.items.map(withoutPlace) };
  if (rest.kind !== "table") return rest;
  const entries = rest.entries.map((entry) => ({ name: entry.name, value: withoutPlace(entry.value) }));
  return { ...rest, entries };
}

/** What is declared for a key, segments after "settings"; undefined if the model has no such key. */
export function declarationAt(model: Group, segments: readonly string[]): Declaration | undefined {
  let declaration: Declaration | undefined = model;
  for (const segment of segments) {
    if (declaration?.kind === "group") declaration = memberNamed(declaration, segment)?.value;
    else declaration = declaration?.kind === "map" ? declaration.value : undefined;
  }
  return declaration;
}

/**
 * Joins assignments to the inside of a `settings` document.
 *
 * @param assignments  keys begin with "settings"; a later one replaces an earlier one of the same key
 * @returns the document, or the keys that are at the same time a value and a table of values
 */
export function documentOf(
  assignments: readonly { readonly key: Key; readonly value: SourceNode }[],
): { ok: true; node: SourceNode } | { ok: false; problems: Problem[] } {
  const root = new Map<string, Branch>();
  const problems: Problem[] = [];
  for (const { key, value } of assignments) {
    if (!assign(root, key.segments.slice(1), value)) {
      const accepted = "either the key itself or keys below it";
      problems.push({ key: key.text, problem: "given both as a value and as a table", accepted });
    }
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, node: tableOf(root) };
}

type Branch = { readonly value: SourceNode } | Map<string, Branch>;

function assign(root: Map<string, Branch>, segments: readonly string[], value: SourceNode): boolean {
  let table = root;
  for (const segment of segments.slice(0, -1)) {
    let next = table.get(segment);
    if (next === undefined) {
      next = new Map();
      table.set(segment, next);
    }
    if (!(next instanceof Map)) return false;
    table = next;
  }
  const last = segments.at(-1);
  if (last === undefined || table.get(last) instanceof Map) return false;
  table.set(last, { value });
  return true;
}

function tableOf(branch: Map<string, Branch>): SourceNode {
  const entries = [...branch].map(
    ([name, child]): SourceEntry => ({ name, value: child instanceof Map ? tableOf(child) : child.value }),
  );
  return { kind: "table", entries };
}
