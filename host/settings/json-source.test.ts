import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseJsonSource } from "./json-source.ts";
import { type Json, problemText, type SourceNode, sourceFromJson } from "./source.ts";

/** The tree without its places. */
export function bare(node: SourceNode): SourceNode {
  const { at: _, ...rest } = node;
  if (rest.kind === "list") return { ...rest, items: rest.items.map(bare) };
  if (rest.kind !== "table") return rest;
  return { ...rest, entries: rest.entries.map(({ name, value }) => ({ name, value: bare(value) })) };
}

function refusal(text: string): string {
  const parsed = parseJsonSource(text);
  return parsed.ok ? "accepted" : parsed.problems.map((problem) => problemText(problem)).join("\n");
}

describe("JSON documents", () => {
  test("every value and every name knows its line and column", () => {
    expect(parseJsonSource('{\n  "a": [true,\n "x"]}')).toEqual({
      ok: true,
      node: {
        kind: "table",
        at: { line: 1, column: 1 },
        entries: [
          {
            name: "a",
            at: { line: 2, column: 3 },
            value: {
              kind: "list",
              at: { line: 2, column: 8 },
              items: [
                { kind: "boolean", value: true, at: { line: 2, column: 9 } },
                { kind: "string", value: "x", at: { line: 3, column: 2 } },
              ],
            },
          },
        ],
      },
    });
  });

  const numbers: [text: string, node: SourceNode][] = [
    ["5", { kind: "integer", value: 5n }],
    ["-5", { kind: "integer", value: -5n }],
    ["9223372036854775807", { kind: "integer", value: 9223372036854775807n }],
    ["5.0", { kind: "float", value: 5 }],
    ["5e0", { kind: "float", value: 5 }],
    ["1e400", { kind: "float", value: Number.POSITIVE_INFINITY }],
  ];
  for (const [text, node] of numbers) {
    test(`${text} is read as ${node.kind}`, () => {
      const parsed = parseJsonSource(text);
      expect(parsed.ok && bare(parsed.node)).toEqual(node);
    });
  }

  const refused: [text: string, message: string][] = [
    ["", "1:1: the document ends too early; accepted: a JSON value"],
    ['{"motd":', "1:9: the document ends too early; accepted: a JSON value"],
    ['{"a":1,\n"a":2}', '2:1: the name "a" is given twice; accepted: each name once'],
    ["[1,]", '1:4: found "]"; accepted: a JSON value'],
    ["[1 2]", '1:4: found "2"; accepted: "," or "]" after a list item'],
    ['{"a" 1}', '1:6: found "1"; accepted: ":" after a member name'],
    ["{a:1}", '1:2: found "a"; accepted: a member name in double quotes'],
    ['{"a":1,}', '1:8: found "}"; accepted: a member name in double quotes'],
    ["[1] x", '1:5: found "x"; accepted: the end of the document'],
    ["nul", '1:1: found "nul"; accepted: a JSON value'],
    ["01", '1:1: found "01"; accepted: a JSON value'],
    ["+1", '1:1: found "+1"; accepted: a JSON value'],
    ["NaN", '1:1: found "NaN"; accepted: a JSON value'],
    ["'a'", '1:1: found "\'"; accepted: a JSON value'],
    ["/*x*/1", '1:1: found "/"; accepted: a JSON value'],
    ['"a', '1:1: a string without its closing quote; accepted: "'],
    ['"a\\', '1:1: a string without its closing quote; accepted: "'],
    ['"a\nb"', "1:3: the control character U+000A in a string; accepted: an escape such as \\n"],
    ['"\\x"', '1:1: an unknown escape in a string; accepted: \\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX'],
    ['"\\ud800"', "1:1: half of a surrogate pair in a string; accepted: complete Unicode characters"],
    [`[${"1,".repeat(19_999)}1]`, "1:40000: more than 20000 values; accepted: a document with fewer of them"],
    ["[".repeat(100_000), "1:66: lists and objects nested deeper than 64; accepted: a flatter document"],
  ];
  for (const [text, message] of refused) {
    test(`${JSON.stringify(text.slice(0, 20))} is refused: ${message.slice(0, 50)}`, () => {
      expect(refusal(text)).toBe(message);
    });
  }

  test("so many values that reading them would hold up others are refused, and one less is not", () => {
    expect(parseJsonSource(`[${"1,".repeat(19_998)}1]`).ok).toBe(true);
  });

  test("whatever JSON.parse makes is read as the same values", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value);
        const parsed = parseJsonSource(text);
        expect(parsed.ok).toBe(true);
        // Through JSON once more: -0 and the like are written as other numbers.
        const json: Json = JSON.parse(text);
        if (parsed.ok) expect(withFloats(bare(parsed.node))).toEqual(withFloats(sourceFromJson(json)));
      }),
    );
  });

  test("every text is taken exactly when JSON.parse takes it, with a place inside the text when not", () => {
    const broken = fc
      .tuple(fc.json({ maxDepth: 3 }), fc.nat(), fc.string({ unit: "binary", maxLength: 3 }), fc.nat(3))
      .map(([text, at, insert, cut]) => {
        const from = at % (text.length + 1);
        return text.slice(0, from) + insert + text.slice(from + cut);
      });
    fc.assert(
      fc.property(
        fc.oneof(broken, fc.string(), fc.stringMatching(/^[{}[\]",:0-9.eE+a\\u \n-]{0,20}$/)),
        (text) => {
          const parsed = parseJsonSource(text);
          if (parsed.ok) {
            expect(() => JSON.parse(text)).not.toThrow();
            return;
          }
          const [problem] = parsed.problems;
          const lines = text.split("\n");
          const { line, column } = problem?.at ?? { line: 0, column: 0 };
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeGreaterThanOrEqual(1);
          expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
          const stricter = /given twice|surrogate|nested deeper/.test(problem?.problem ?? "");
          if (!stricter) expect(() => JSON.parse(text)).toThrow();
        },
      ),
      { numRuns: 1000 },
    );
  });
});

/** Numbers compared as numbers: 1e21 is a float by its text and an integer by its value. */
function withFloats(node: SourceNode): SourceNode {
  if (node.kind === "integer") return { kind: "float", value: Number(node.value) };
  if (node.kind === "float") return { kind: "float", value: node.value + 0 };
  if (node.kind === "list") return { ...node, items: node.items.map(withFloats) };
  if (node.kind !== "table") return node;
  return { ...node, entries: node.entries.map((entry) => ({ ...entry, value: withFloats(entry.value) })) };
}
