/** Reads a TOML file that people write for publishing, and tells everything wrong with it at once. */
import { readFile } from "node:fs/promises";
import { errorCode } from "../host/linux/files.ts";
import { describeNode, type SourceNode } from "../host/settings/index.ts";
import { TableReader } from "../host/settings/table-reader.ts";
import { parseTomlSource } from "../host/settings/toml-source.ts";
import type { ToolFailure } from "../sdk/index.ts";
import { fail } from "./failures.ts";

/**
 * The text of a file.
 *
 * @param what  as it is called in the message: "wave policy"
 * @throws publish/no-file
 */
export async function readText(what: string, file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw fail("publish/no-file", { what, file, reason: errorCode(cause) ?? String(cause) }, { cause });
  }
}

/**
 * What a TOML text says.
 *
 * @param file  as people would name it
 * @param read  notes mistakes in the reader and goes on
 * @throws publish/bad-file with every mistake: file, line, column, field, found, accepted
 */
export function parseToml<Result>(
  file: string,
  text: string,
  read: (reader: TableReader, document: SourceNode) => Result,
): Result {
  const parsed = parseTomlSource(text);
  const reader = new TableReader(file);
  if (parsed.ok) return whenRight(reader, read(reader, parsed.node));
  for (const { key, problem, accepted, at } of parsed.problems)
    reader.mistake(key, { at }, problem, accepted);
  throw mistakesOf(reader);
}

/**
 * The result, when no mistake was noted on the way to it.
 *
 * @throws publish/bad-file
 */
export function whenRight<Result>(reader: TableReader, result: Result): Result {
  if (reader.mistakes.length > 0) throw mistakesOf(reader);
  return result;
}

function mistakesOf(reader: TableReader): ToolFailure {
  const problems = reader.mistakes.map(({ file, field, found, accepted }) =>
    [file, field, `${found}; accepted: ${accepted}`].filter((part) => part !== "").join(": "),
  );
  return fail("publish/bad-file", { problems });
}

/** A whole number within limits. A mistake gives `lowest`. */
export function wholeNumber(
  reader: TableReader,
  field: string,
  node: SourceNode | undefined,
  [lowest, highest]: readonly [number, number],
): number {
  if (node?.kind === "integer" && node.value >= BigInt(lowest) && node.value <= BigInt(highest)) {
    return Number(node.value);
  }
  const found = node === undefined ? "missing" : `found ${describeNode(node)}`;
  reader.mistake(field, node, found, `a whole number from ${lowest} to ${highest}`);
  return lowest;
}
