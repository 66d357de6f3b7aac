/** Two contents of a file as a unified diff, bounded in time and length. */

// Not the whole library, which every start of the program would load.
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff/lib/patch/create.js";

const CONTEXT_LINES = 3;
const LONGEST = 64 * 1024; // characters; a person reads no more, and the answer that carries it must stay small
const PATIENCE_MS = 1000; // the time grows with the product of length and difference

/** @param before, after  `undefined` if there is no such file then */
export function unifiedDiff(path: string, before: string | undefined, after: string | undefined): string {
  const [from, to] = [before, after].map((text) => (text === undefined ? "/dev/null" : path));
  const options = { context: CONTEXT_LINES, timeout: PATIENCE_MS, headerOptions: FILE_HEADERS_ONLY };
  const text = createTwoFilesPatch(from ?? "", to ?? "", before ?? "", after ?? "", "", "", options);
  if (text === undefined) return `--- ${from}\n+++ ${to}\n(too many differences to be listed)\n`;
  if (text.length <= LONGEST) return text;
  const end = text.lastIndexOf("\n", LONGEST) + 1;
  const left = text.slice(end).split("\n").length - 1;
  return `${text.slice(0, end)}(${left} more lines are not listed)\n`;
}
