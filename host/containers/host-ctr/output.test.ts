import { describe, expect, it } from "bun:test";
import { linesWith } from "./output.ts";

const through = (prefix: string, ...chunks: readonly string[]): readonly string[] => {
  const change = linesWith(Buffer.from(prefix));
  return chunks.map((chunk) => change(Buffer.from(chunk)).toString());
};

describe("a prefix before every line of a stream", () => {
  const table: [what: string, chunks: readonly string[], changed: readonly string[]][] = [
    ["is before each of several lines", ["a\nb\n"], ["<3>a\n<3>b\n"]],
    ["is before a line once that comes in pieces", ["a", "b\nc", "\n"], ["<3>a", "b\n<3>c", "\n"]],
    ["is before an empty line", ["\n\n"], ["<3>\n<3>\n"]],
    ["is not after the last line end", ["a\n", "b"], ["<3>a\n", "<3>b"]],
  ];
  for (const [what, chunks, changed] of table) {
    it(what, () => expect(through("<3>", ...chunks)).toEqual(changed));
  }

  it("that is empty changes nothing", () => expect(through("", "a\nb")).toEqual(["a\nb"]));
});
