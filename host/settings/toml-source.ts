/**
 * TOML 1.0 text → source tree. The syntax is the parser library's business; this file gives its result the
 * shape of the document, with the place of every name and value.
 */
import { type AST, ParseError, parseTOML } from "toml-eslint-parser";
import { type Parsed, type Position, placed, type SourceNode } from "./source.ts";

/**
 * Reads a TOML document.
 *
 * @returns the tree, or the first thing wrong with the text (syntax, a key given twice), with its place
 * @throws never, whatever the text
 */
export function parseTomlSource(text: string): Parsed {
  // Editors on some systems put a byte order mark first; it is no part of the document.
  const source = text.startsWith("\ufeff") ? text.slice(1) : text;
  try {
    const lone = source.isWellFormed() ? undefined : "half of a surrogate pair";
    if (lone !== undefined) return refused(lone, "complete Unicode characters", { line: 1, column: 1 });
    return { ok: true, node: freeze(documentTable(parseTOML(source, { tomlVersion: "1.0" }))) };
  } catch (thrown) {
    if (thrown instanceof ParseError) {
      const at = { line: thrown.lineNumber, column: thrown.column + 1 };
      return refused(`not readable as TOML: ${thrown.message}`, "TOML 1.0, each key once", at);
    }
    if (thrown instanceof RangeError) {
      // The library recurses into nested lists; the stack is its only limit.
      return refused("lists and tables nested too deeply", "a flatter document", { line: 1, column: 1 });
    }
    throw thrown;
  }
}

function refused(problem: string, accepted: string, at: Position): Parsed {
  return { ok: false, problems: [{ key: "", problem, accepted, at }] };
}

/** A table while its parts are still being found: TOML scatters one table over many headers. */
interface Growing {
  readonly kind: "growing";
  readonly at: Position;
  readonly members: Map<string, { readonly at: Position; value: Growing | GrowingList | SourceNode }>;
}

/** An array of tables (`[[name]]`). */
interface GrowingList {
  readonly kind: "growing-list";
  readonly at: Position;
  readonly tables: Growing[];
}

function documentTable(program: AST.TOMLProgram): Growing {
  const root: Growing = { kind: "growing", at: { line: 1, column: 1 }, members: new Map() };
  for (const statement of program.body[0].body) {
    if (statement.type === "TOMLKeyValue") assign(root, statement);
    else {
      const table = openTable(root, statement);
      for (const pair of statement.body) assign(table, pair);
    }
  }
  return root;
}

function openTable(root: Growing, header: AST.TOMLTable): Growing {
  const path = header.key.keys;
  const last = path.at(-1);
  if (header.kind === "standard" || last === undefined) return descend(root, path);
  const parent = descend(root, path.slice(0, -1));
  const table: Growing = { kind: "growing", at: place(header), members: new Map() };
  const existing = parent.members.get(nameOf(last))?.value;
  if (existing?.kind === "growing-list") existing.tables.push(table);
  else {
    const list: GrowingList = { kind: "growing-list", at: place(header), tables: [table] };
    parent.members.set(nameOf(last), { at: place(last), value: list });
  }
  return table;
}

function assign(table: Growing, pair: AST.TOMLKeyValue): void {
  const path = pair.key.keys;
  const last = path.at(-1);
  if (last === undefined) return;
  const holder = descend(table, path.slice(0, -1));
  holder.members.set(nameOf(last), { at: place(last), value: contentOf(pair.value) });
}

function descend(from: Growing, path: readonly (AST.TOMLBare | AST.TOMLQuoted)[]): Growing {
  let table = from;
  for (const part of path) {
    const existing = table.members.get(nameOf(part))?.value;
    const list = existing?.kind === "growing-list" ? existing.tables.at(-1) : undefined;
    if (existing?.kind === "growing") table = existing;
    else if (list !== undefined) table = list;
    else {
      // Anything else of this name would be a duplicate, which the library has refused already.
      const made: Growing = { kind: "growing", at: place(part), members: new Map() };
      table.members.set(nameOf(part), { at: place(part), value: made });
      table = made;
    }
  }
  return table;
}

function contentOf(node: AST.TOMLContentNode): Growing | SourceNode {
  const at = place(node);
  switch (node.type) {
    case "TOMLArray":
      return { kind: "list", items: node.elements.map((element) => freeze(contentOf(element))), at };
    case "TOMLInlineTable": {
      const table: Growing = { kind: "growing", at, members: new Map() };
      for (const pair of node.body) assign(table, pair);
      return table;
    }
    case "TOMLValue":
      return scalarOf(node, at);
  }
}

function scalarOf(node: AST.TOMLValue, at: Position): SourceNode {
  switch (node.kind) {
    case "string":
      return { kind: "string", value: node.value, at };
    case "integer":
      return { kind: "integer", value: node.bigint, at };
    case "float":
      return { kind: "float", value: node.value, at };
    case "boolean":
      return { kind: "boolean", value: node.value, at };
    case "offset-date-time":
    case "local-date-time":
    case "local-date":
    case "local-time":
      return { kind: "date", text: node.datetime, at };
  }
}

function freeze(node: Growing | GrowingList | SourceNode): SourceNode {
  if (node.kind === "growing") {
    const entries = [...node.members].map(([name, member]) => ({
      name,
      value: freeze(member.value),
      at: member.at,
    }));
    return { kind: "table", entries, ...placed(node) };
  }
  if (node.kind === "growing-list") return { kind: "list", items: node.tables.map(freeze), ...placed(node) };
  return node;
}

function nameOf(part: AST.TOMLBare | AST.TOMLQuoted): string {
  return part.type === "TOMLBare" ? part.name : part.value;
}

function place(node: { readonly loc: AST.SourceLocation }): Position {
  return { line: node.loc.start.line, column: node.loc.start.column + 1 };
}
