/** Reads the tables of failures of all rooms, wherever they stand: a new room needs no word here. */
import { join } from "node:path";
import { Glob } from "bun";
import { isTable } from "./tables.ts";

/** One kind of failure: its code, its sentence with the names of the facts in it, and the next step. */
export interface FailureText {
  readonly code: string;
  readonly says: string;
  readonly hint: string;
}

const top = join(import.meta.dirname, "..");

/** All failures, those of the host first, by code. */
export async function readFailures(): Promise<{
  readonly host: readonly FailureText[];
  readonly tool: readonly FailureText[];
}> {
  return {
    host: await failuresBelow("host"),
    tool: await failuresBelow("{containers,docs,image,lab,publish,sdk,tests}"),
  };
}

async function failuresBelow(rooms: string): Promise<readonly FailureText[]> {
  const found: FailureText[] = [];
  for await (const file of new Glob(`${rooms}/**/*failures.ts`).scan(top)) {
    const room: unknown = await import(join(top, file));
    for (const value of isTable(room) ? Object.values(room) : []) {
      if (typeof value !== "function" || !("table" in value) || !isTable(value.table)) continue;
      found.push(...Object.entries(value.table).map(([code, row]) => failureText(code, row)));
    }
  }
  return found.sort((a, b) => (a.code < b.code ? -1 : 1));
}

function failureText(code: string, row: unknown): FailureText {
  const { says, hint } = isTable(row) ? row : {};
  return { code, says: sentence(says), hint: sentence(hint) };
}

/** A text of the table, or one that it makes of facts. */
function sentence(said: unknown): string {
  return typeof said === "function" ? String(said(anyFacts)) : String(said);
}

/** Stands for facts that nobody has yet: each shows as its own name, ‹file›, whatever a sentence does with it. */
const anyFacts = new Proxy({}, { get: (_, name) => fact(wordsOf(String(name))) });

function fact(words: string): unknown {
  const text = `‹${words}›`;
  const itself = () => fact(words);
  return new Proxy(itself, {
    get(_, name) {
      switch (name) {
        case Symbol.toPrimitive:
        case "toString":
        case "toJSON":
        case "join":
          return () => text;
        case Symbol.iterator:
          return [text][Symbol.iterator].bind([text]);
        default:
          return fact(words);
      }
    },
  });
}

/** "networkFile" → "network file", "freeMiB" → "free MiB". */
function wordsOf(name: string): string {
  return name
    .replace(/(?<=[a-z])(?=[KMG]iB$)/, " ")
    .replace(/([a-z])([A-Z])(?!iB$)/g, (both, before: string, letter: string) =>
      both === "iB" ? both : `${before} ${letter.toLowerCase()}`,
    );
}
