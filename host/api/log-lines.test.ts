import { expect, it } from "bun:test";
import fc from "fast-check";
import { endsLine, WithoutEmptyLines } from "./log-lines.ts";

const taken = (pieces: readonly string[]): string => {
  const lines = new WithoutEmptyLines();
  return pieces.map((piece) => Buffer.from(lines.take(Buffer.from(piece))).toString()).join("");
};

it("empty lines are taken out, at the beginning, in the middle and across pieces", () => {
  expect(taken(["\n", "one\n", "\n", "tw", "o\n\n", "\nthree"])).toBe("one\ntwo\nthree");
});

it("nothing else is taken out, wherever the pieces are cut", () => {
  const line = fc.string({ minLength: 1 }).map((text) => `${text.replaceAll("\n", " ")}\n`);
  fc.assert(
    fc.property(fc.array(line), fc.nat(), (lines, at) => {
      const bytes = Buffer.from(lines.join(""));
      const cut = bytes.length === 0 ? 0 : at % bytes.length;
      const without = new WithoutEmptyLines();
      const kept = [bytes.subarray(0, cut), bytes.subarray(cut)].map((piece) => without.take(piece));
      expect(Buffer.concat(kept).equals(bytes)).toBe(true);
    }),
  );
});

it("a piece ends a line with its last byte", () => {
  expect(["a\n", "a", ""].map((text) => endsLine(Buffer.from(text)))).toEqual([true, false, false]);
});
