/**
 * Checks a document against a declaration: everything wrong with it at once, or its leaves in stored form
 * (specification "settings" 4).
 */
import { type Declaration, type Group, type Leaf, memberNamed, type NamedMap } from "./declaration.ts";
import { keyFromSegments, keyText } from "./keys.ts";
import { unknownName } from "./nearest.ts";
import {
  describeNode,
  type Json,
  type Position,
  type Problem,
  placed,
  quote,
  type SourceEntry,
  type SourceNode,
} from "./source.ts";

export type Checked =
  | { readonly ok: true; readonly leaves: ReadonlyMap<string, Json> }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Checks a node against a declaration.
 *
 * @param segments  where the declaration stands: ["settings"] for the whole model
 * @returns the leaves by the text of their full key, or every problem there is, in document order
 */
export function checkNode(declaration: Declaration, segments: readonly string[], node: SourceNode): Checked {
  const check = new Check();
  check.node(declaration, segments, node);
  const problems = check.told();
  return problems.length > 0 ? { ok: false, problems } : { ok: true, leaves: check.leaves };
}

// Enough for any mistake of a person. A hostile document could otherwise be answered with many times its size.
const mostProblems = 100;

class Check {
  readonly leaves = new Map<string, Json>();
  private readonly problems: Problem[] = [];
  private untold = 0;

  /** The problems, the first hundred of them. */
  told(): readonly Problem[] {
    if (this.untold === 0) return this.problems;
    const problem = `${this.untold} more problems are not listed`;
    return [...this.problems, { key: "settings", problem, accepted: "the document without these mistakes" }];
  }

  node(declaration: Declaration, segments: readonly string[], node: SourceNode): void {
    switch (declaration.kind) {
      case "leaf":
        this.leaf(declaration, segments, node);
        break;
      case "group":
        this.group(declaration, segments, node);
        break;
      case "map":
        this.map(declaration, segments, node);
        break;
    }
  }

  private leaf(declaration: Leaf, segments: readonly string[], node: SourceNode): void {
    const key = keyFromSegments(segments);
    if (!key.ok) {
      this.refuse(segments, node, `the key is not usable: ${key.reason}`, "shorter and simpler names");
      return;
    }
    const value = declaration.type.read(node, (refusal) => this.tell({ key: key.key.text, ...refusal }));
    if (value !== undefined) this.leaves.set(key.key.text, value);
  }

  private group(declaration: Group, segments: readonly string[], node: SourceNode): void {
    const accepted = `a table with the names ${listNames(Object.keys(declaration.members))}`;
    if (node.kind !== "table") {
      this.refuse(segments, node, `found ${describeNode(node)}`, accepted);
      return;
    }
    const given = new Map<string, string>();
    for (const entry of node.entries) {
      const member = memberNamed(declaration, entry.name);
      if (member === undefined) {
        this.unknown(declaration, segments, entry);
        continue;
      }
      const path = [...segments, member.name];
      const before = given.get(member.name);
      if (before !== undefined) {
        const both = before === entry.name ? "it is given twice" : `${quote(before)} is given as well`;
        this.refuse([...segments, entry.name], entry, both, "the setting once, under one of its names");
        continue;
      }
      given.set(member.name, entry.name);
      // Specification "settings" 4.4: null means "not given", except for a few members.
      const isAbsent = entry.value.kind === "null" && member.value.about?.refusesNull !== true;
      if (!isAbsent) this.node(member.value, path, entry.value);
    }
  }

  private map(declaration: NamedMap, segments: readonly string[], node: SourceNode): void {
    if (node.kind !== "table") {
      const accepted = `a table whose names are each ${declaration.names.accepted}`;
      this.refuse(segments, node, `found ${describeNode(node)}`, accepted);
      return;
    }
    for (const entry of node.entries) {
      const path = [...segments, entry.name];
      const reason = declaration.names.problem(entry.name);
      if (reason !== undefined) {
        const { accepted, words } = declaration.names;
        const problem =
          words === undefined
            ? `found the name ${quote(entry.name)}: ${reason}`
            : unknownName(entry.name, this.suggested(words));
        this.refuse(path, entry, problem, accepted);
      } else this.node(declaration.value, path, entry.value);
    }
  }

  private unknown(declaration: Group, segments: readonly string[], entry: SourceEntry): void {
    if (this.problems.length >= mostProblems) {
      this.untold += 1;
      return;
    }
    const known = Object.keys(declaration.members);
    const candidates = this.suggested([...known, ...Object.keys(declaration.aliases)]);
    const problem = unknownName(entry.name, candidates);
    this.refuse([...segments, entry.name], entry, problem, `one of ${listNames(known)}`);
  }

  /** The names that a suggestion is looked for among: comparing costs time, and what is not listed needs none. */
  private suggested(names: readonly string[]): readonly string[] {
    return this.problems.length >= mostProblems ? [] : names;
  }

  private refuse(
    segments: readonly string[],
    node: { readonly at?: Position },
    problem: string,
    accepted: string,
  ): void {
    this.tell({ key: printable(segments), problem, accepted, ...placed(node) });
  }

  private tell(problem: Problem): void {
    if (this.problems.length < mostProblems) this.problems.push(problem);
    else this.untold += 1;
  }
}

function listNames(known: readonly string[]): string {
  return known.join(", ");
}

/** The key for a message: a document may hold names of any length and with line breaks. */
function printable(segments: readonly string[]): string {
  return keyText(
    segments.map((segment) => (/^[A-Za-z0-9_/.-]{1,255}$/.test(segment) ? segment : quote(segment))),
  );
}
