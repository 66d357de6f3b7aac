/** Reads the fields of a TOML file that people write for the build; collects every mistake with its place. */
import type { Mistake } from "./failures.ts";
import { describeNode, type Position, type SourceNode } from "./source.ts";

type Field = SourceNode | undefined;

/** Results are usable even after a mistake, so that reading goes on and finds the others. */
export class TableReader {
  readonly mistakes: Mistake[] = [];

  /** @param file  as people would name it, for the messages */
  constructor(readonly file: string) {}

  /** The entries of a table by name; names that are not known are mistakes. */
  table(field: string, node: SourceNode, known: readonly string[]): ReadonlyMap<string, SourceNode> {
    if (node.kind !== "table") {
      this.wrong(field, node, `a table with the fields ${known.join(", ")}`);
      return new Map();
    }
    for (const entry of node.entries) {
      if (known.includes(entry.name)) continue;
      const full = field === "" ? entry.name : `${field}.${entry.name}`;
      this.mistake(full, entry, "unknown field", known.join(", "));
    }
    return new Map(node.entries.map((entry) => [entry.name, entry.value]));
  }

  text(field: string, node: Field): string {
    if (node?.kind === "string" && node.value !== "") return node.value;
    this.wrong(field, node, "a string");
    return "";
  }

  boolean(field: string, node: SourceNode): boolean | undefined {
    if (node.kind === "boolean") return node.value;
    this.wrong(field, node, "true or false");
    return undefined;
  }

  texts(field: string, node: Field, absent?: readonly string[]): readonly string[] {
    if (node === undefined && absent !== undefined) return absent;
    if (node?.kind === "list") return node.items.map((item, index) => this.text(`${field}[${index}]`, item));
    this.wrong(field, node, "a list of strings");
    return [];
  }

  choice<Choice extends string>(field: string, node: Field, of: readonly Choice[], absent: Choice): Choice {
    if (node === undefined) return absent;
    const found = node.kind === "string" ? of.find((choice) => choice === node.value) : undefined;
    if (found === undefined) this.wrong(field, node, `one of ${of.join(", ")}`);
    return found ?? absent;
  }

  choices<Choice extends string>(
    field: string,
    node: Field,
    of: readonly Choice[],
    absent: readonly Choice[],
  ): readonly Choice[] {
    if (node === undefined) return absent;
    const accepted = `a list with one or more of ${of.join(", ")}`;
    if (node.kind !== "list" || node.items.length === 0) {
      this.wrong(field, node, accepted);
      return absent;
    }
    return node.items.flatMap((item) => {
      const found = item.kind === "string" ? of.find((choice) => choice === item.value) : undefined;
      if (found === undefined) this.wrong(field, item, accepted);
      return found ?? [];
    });
  }

  /** A size in whole GiB, 1 to 65535. */
  size(field: string, node: Field, absent: number): number {
    if (node === undefined) return absent;
    if (node.kind === "integer" && node.value >= 1n && node.value <= 65535n) return Number(node.value);
    this.wrong(field, node, "a whole number of GiB from 1 to 65535");
    return absent;
  }

  mistake(
    field: string,
    node: { readonly at?: Position | undefined } | undefined,
    found: string,
    accepted: string,
  ): void {
    const at = node?.at;
    const file = at === undefined ? this.file : `${this.file}:${at.line}:${at.column}`;
    this.mistakes.push({ file, field, found, accepted });
  }

  private wrong(field: string, node: Field, accepted: string): void {
    this.mistake(field, node, node === undefined ? "missing" : `found ${describeNode(node)}`, accepted);
  }
}
