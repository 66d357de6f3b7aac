import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseJsonSource } from "./json-source.ts";
import { problemText } from "./source.ts";
import { bare } from "./testing.ts";
import { parseTomlSource } from "./toml-source.ts";

function refusal(text: string): string {
  const parsed = parseTomlSource(text);
  return parsed.ok ? "accepted" : parsed.problems.map((problem) => problemText(problem)).join("\n");
}

describe("TOML documents", () => {
  test("scattered tables come together, with the place of each name and value", () => {
    expect(parseTomlSource('[a]\nx = 1\n[b]\n[a."c.d"]\ny = "z"\n')).toEqual({
      ok: true,
      node: {
        kind: "table",
        at: { line: 1, column: 1 },
        entries: [
          {
            name: "a",
            at: { line: 1, column: 2 },
            value: {
              kind: "table",
              at: { line: 1, column: 2 },
              entries: [
                {
                  name: "x",
                  at: { line: 2, column: 1 },
                  value: { kind: "integer", value: 1n, at: { line: 2, column: 5 } },
                },
                {
                  name: "c.d",
                  at: { line: 4, column: 4 },
                  value: {
                    kind: "table",
                    at: { line: 4, column: 4 },
                    entries: [
                      {
                        name: "y",
                        at: { line: 5, column: 1 },
                        value: { kind: "string", value: "z", at: { line: 5, column: 5 } },
                      },
                    ],
                  },
                },
              ],
            },
          },
          {
            name: "b",
            at: { line: 3, column: 2 },
            value: { kind: "table", at: { line: 3, column: 2 }, entries: [] },
          },
        ],
      },
    });
  });

  const same: [toml: string, json: string][] = [
    ["a.b.c = true", '{"a":{"b":{"c":true}}}'],
    ["a = [1, 'x', [2.5]]", '{"a":[1,"x",[2.5]]}'],
    ["a = {b = 1, c.d = 2}", '{"a":{"b":1,"c":{"d":2}}}'],
    ["[[a]]\nx=1\n[a.b]\ny=2\n[[a]]\nx=3", '{"a":[{"x":1,"b":{"y":2}},{"x":3}]}'],
    ['a = """\none\ntwo"""', '{"a":"one\\ntwo"}'],
    ["a = 0xff", '{"a":255}'],
    ["a = 9223372036854775807", '{"a":9223372036854775807}'],
    ["a = 5.0", '{"a":5.0}'],
    ["\ufeffa = 1", '{"a":1}'],
    ["__proto__ = 1", '{"__proto__":1}'],
    ["", "{}"],
  ];
  for (const [toml, json] of same) {
    test(`${JSON.stringify(toml)} is ${json}`, () => {
      const fromToml = parseTomlSource(toml);
      const fromJson = parseJsonSource(json);
      expect(fromToml.ok && bare(fromToml.node)).toEqual(fromJson.ok && bare(fromJson.node));
    });
  }

  test("dates and times are read as dates, which no setting takes", () => {
    const parsed = parseTomlSource("a = 1979-05-27");
    const [entry] = parsed.ok && parsed.node.kind === "table" ? parsed.node.entries : [];
    expect(entry?.value).toEqual({ kind: "date", text: "1979-05-27", at: { line: 1, column: 5 } });
  });

  const refused: [text: string, message: string][] = [
    [
      "a = 1\na = 2\n",
      "2:1: not readable as TOML: Defining a key multiple times is invalid; accepted: TOML 1.0, each key once",
    ],
    [
      "[a]\nb=1\n[a]\nc=1",
      "3:2: not readable as TOML: Defining a key multiple times is invalid; accepted: TOML 1.0, each key once",
    ],
    ["a = ", "1:5: not readable as TOML: Unspecified values are invalid; accepted: TOML 1.0, each key once"],
    [
      "a = {b=1\n}",
      "2:1: not readable as TOML: No newlines are allowed between the curly braces unless they are valid within a value; accepted: TOML 1.0, each key once",
    ],
    [
      'a = "x\u0001"',
      "1:7: not readable as TOML: Control characters (codes < 0x1f and 0x7f) are not allowed; accepted: TOML 1.0, each key once",
    ],
    ['a = "\ud800"', "1:1: half of a surrogate pair; accepted: complete Unicode characters"],
  ];
  for (const [text, message] of refused) {
    test(`${JSON.stringify(text)} is refused with its place`, () => {
      expect(refusal(text)).toBe(message);
    });
  }

  test("a document nested beyond the stack is refused, not fatal", () => {
    const text = `a = ${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    expect(refusal(text)).toBe("1:1: lists and tables nested too deeply; accepted: a flatter document");
  });

  test("hostile texts are read or refused with a place inside the text", () => {
    const words = fc.constantFrom(
      "a",
      "b.c",
      '"d.e"',
      "=",
      " ",
      "\n",
      "[",
      "]",
      "[[",
      "]]",
      "{",
      "}",
      ",",
      "1",
      "-2",
      "3.5",
      "nan",
      "true",
      "'x'",
      '"y"',
      '"""',
      "'''",
      "#",
      "1979-05-27",
      "\\",
      "\u0000",
      "\r",
      "é",
      "\ud800",
      "0x",
      "_",
    );
    const hostile = fc.oneof(
      fc.array(words, { maxLength: 30 }).map((parts) => parts.join("")),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        const parsed = parseTomlSource(text);
        if (parsed.ok) return;
        const lines = text.split(/\r\n|\n/);
        for (const problem of parsed.problems) {
          const { line, column } = problem.at ?? { line: 0, column: 0 };
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeGreaterThanOrEqual(1);
          expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 2);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
