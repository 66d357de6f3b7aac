/**
 * Reading a table of a TOML document field by field, so that every mistake is told with its place and nothing
 * stays unread.
 */

import { describeNode, type Position, type Problem, type SourceNode } from "../../settings/index.ts";

type TableNode = Extract<SourceNode, { kind: "table" }>;

/** A value with the dotted key it stands under. */
export interface Field {
  readonly key: string;
  readonly at: Position | undefined;
  readonly node: SourceNode;
}

/** A table being read. Each field is taken once; `end` reports those nobody asked for. */
export interface Table {
  readonly key: string;
  readonly at: Position | undefined;
  has(name: string): boolean;
  take(name: string): Field | undefined;
  /** Takes a field without which the table means nothing, and reports its absence. */
  need(name: string, accepted: string): Field | undefined;
  /** Takes all fields not yet taken, in the order of the document. */
  rest(): readonly (Field & { readonly name: string })[];
  /** @param accepted  which keys there are, for the report about others */
  end(accepted: string): void;
}

/** What was found and is wrong; collects in the order of reading. */
export type Report = (field: Pick<Field, "key" | "at">, problem: string, accepted: string) => void;

export function reporter(problems: Problem[]): Report {
  return ({ key, at }, problem, accepted) => {
    problems.push({ key, problem, accepted, ...(at === undefined ? {} : { at }) });
  };
}

/** Opens a field as a table, or reports that it is none. */
export function openTable(field: Field, report: Report): Table | undefined {
  if (field.node.kind !== "table") {
    report(field, `found ${describeNode(field.node)}`, "a table");
    return undefined;
  }
  return tableOf(field.key, field.at, field.node, report);
}

function tableOf(key: string, at: Position | undefined, node: TableNode, report: Report): Table {
  const taken = new Set<string>();
  const fieldOf = ({ name, at: place, value }: TableNode["entries"][number]) => ({
    name,
    key: key === "" ? shown(name) : `${key}.${shown(name)}`,
    at: place,
    node: value,
  });
  const take = (name: string) => {
    taken.add(name);
    const entry = node.entries.find((candidate) => candidate.name === name);
    return entry === undefined ? undefined : fieldOf(entry);
  };
  const rest = () => node.entries.filter(({ name }) => !taken.has(name)).map(fieldOf);
  return {
    key,
    at,
    has: (name) => node.entries.some((entry) => entry.name === name),
    take,
    need(name, accepted) {
      const field = take(name);
      if (field === undefined)
        report({ key: key === "" ? name : `${key}.${name}`, at }, "is missing", accepted);
      return field;
    },
    rest,
    end(accepted) {
      for (const field of rest()) report(field, "is not a known key", accepted);
    },
  };
}

/** A name as part of a dotted key. */
function shown(name: string): string {
  return /^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name);
}

export function readBoolean(field: Field | undefined, report: Report): boolean | undefined {
  if (field === undefined) return undefined;
  if (field.node.kind === "boolean") return field.node.value;
  report(field, `found ${describeNode(field.node)}`, "true or false");
  return undefined;
}

/** An integer from `min` to `max`. */
export function readInteger(
  field: Field | undefined,
  min: number,
  max: number,
  report: Report,
): number | undefined {
  if (field === undefined) return undefined;
  if (field.node.kind === "integer" && field.node.value >= BigInt(min) && field.node.value <= BigInt(max)) {
    return Number(field.node.value);
  }
  report(field, `found ${describeNode(field.node)}`, `an integer from ${min} to ${max}`);
  return undefined;
}

/** A string for which `parse` has a value. */
export function readText<T>(
  field: Field | undefined,
  parse: (text: string) => T | undefined,
  accepted: string,
  report: Report,
): T | undefined {
  if (field === undefined) return undefined;
  const value = field.node.kind === "string" ? parse(field.node.value) : undefined;
  if (value === undefined) report(field, `found ${describeNode(field.node)}`, accepted);
  return value;
}

/** A list of fields, each keyed by its index from 0. */
export function readList(field: Field | undefined, report: Report): readonly Field[] | undefined {
  if (field === undefined) return undefined;
  if (field.node.kind !== "list") {
    report(field, `found ${describeNode(field.node)}`, "a list");
    return undefined;
  }
  return field.node.items.map((node, index) => ({
    key: `${field.key}[${index}]`,
    at: node.at ?? field.at,
    node,
  }));
}

/** A list of strings for each of which `parse` has a value. */
export function readTexts<T>(
  field: Field | undefined,
  parse: (text: string) => T | undefined,
  accepted: string,
  report: Report,
): readonly T[] | undefined {
  return readList(field, report)?.flatMap((item) => {
    const value = readText(item, parse, accepted, report);
    return value === undefined ? [] : [value];
  });
}
