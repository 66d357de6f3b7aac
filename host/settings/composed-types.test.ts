/** Types made of other types: what they take, what they store, and that their schemas agree. */
import { describe, expect, test } from "bun:test";
import { integer, list } from "./basic-types.ts";
import { either, listOrTable, oneOrMany, record, secret, storedAs } from "./composed-types.ts";
import type { ValueType } from "./declaration.ts";
import type { Json } from "./source.ts";
import { read, schemaTakes } from "./testing.ts";
import { text } from "./text-rule.ts";
import { anyText, singleLine } from "./text-types.ts";

const word = text({ accepted: "of 1 to 3 letters", length: { min: 1, max: 3 }, characters: "a-z" });
const mirror = record({ registry: singleLine, endpoint: list(word) });
const login = record({ user: word, password: secret(word) });
const mirrors = listOrTable(mirror, { name: "registry", value: "endpoint", valueSchema: list(word).schema });
const percent = either("integer", integer({ min: 0, max: 100 }), text({ characters: "0-9" }));

const table: [situation: string, type: ValueType<Json>, value: Json, stored: Json | readonly string[]][] = [
  ["members in any order", mirror, { endpoint: ["a"], registry: "r" }, { registry: "r", endpoint: ["a"] }],
  ["members left out", mirror, {}, {}],
  ["one value", oneOrMany(word), "a", "a"],
  ["many values", oneOrMany(word), ["a", "b"], ["a", "b"]],
  ["none of many values", oneOrMany(word), [], []],
  ["one value, stored as a list", storedAs(oneOrMany(word), (value) => [value].flat()), "a", ["a"]],
  ["a list of records", mirrors, [{ registry: "r", endpoint: ["a"] }], [{ registry: "r", endpoint: ["a"] }]],
  [
    "a table of records",
    mirrors,
    { r: ["a"], q: [] },
    [
      { registry: "r", endpoint: ["a"] },
      { registry: "q", endpoint: [] },
    ],
  ],
  ["the first of two kinds", percent, 100, 100],
  ["the second of two kinds", percent, "100", "100"],
];
describe("values of composed types", () => {
  for (const [situation, type, value, stored] of table) {
    test(situation, () => {
      expect(read(type, value)).toEqual({ value: stored, problems: [] });
      expect(schemaTakes(type.schema, value)).toBe(true);
    });
  }

  test("null in a record means that the member is not given; schemas leave it out", () => {
    expect(read(mirror, { registry: null })).toEqual({ value: {}, problems: [] });
    expect(schemaTakes(mirror.schema, { registry: null })).toBe(false);
  });
});

const refused: [situation: string, type: ValueType<Json>, value: Json, problems: readonly string[]][] = [
  [
    "an unknown member",
    mirror,
    { registri: "r", tls: true },
    ['unknown name "registri" (did you mean "registry"?)', 'unknown name "tls"'],
  ],
  ["a name that objects have by birth", mirror, { constructor: "r" }, ['unknown name "constructor"']],
  [
    "wrong members of a record in a list",
    list(mirror),
    [{ registry: 5 }, { endpoint: ["A", "b"] }],
    [
      "item 1: registry: found the integer 5",
      'item 2: endpoint: item 1: found the text "A": the character "A" is not allowed',
    ],
  ],
  ["a list in place of a record", mirror, ["r", ["a"]], ["found a list"]],
  ["null in place of a list or table", mirrors, null, ["found null"]],
  ["null in a table of records", mirrors, { r: null }, ['"r": found null']],
  ["a text in a table of records", mirrors, { r: "a" }, ['"r": endpoint: found the text "a"']],
  ["an empty list where one value must be", oneOrMany(word, { least: 1 }), [], ["found a list of 0"]],
  ["neither one nor many", oneOrMany(word), 5, ["found the integer 5"]],
  ["a wrong one of many", oneOrMany(word), ["a", ""], ['item 2: found the text "": it is empty']],
  ["a number out of range", percent, 101, ["found the integer 101"]],
];
describe("values that composed types refuse", () => {
  for (const [situation, type, value, problems] of refused) {
    test(situation, () => {
      expect(read(type, value)).toEqual({ value: undefined, problems });
      expect(schemaTakes(type.schema, value)).toBe(false);
    });
  }
});

describe("secret values", () => {
  test("are not shown when they are refused", () => {
    expect(read(secret(word), "hunter2").problems).toEqual(["found a text, not shown because it is secret"]);
    expect(read(list(login), [{ user: "Bob", password: 1234 }]).problems).toEqual([
      'item 1: user: found the text "Bob": the character "B" is not allowed',
      "item 1: password: found an integer, not shown because it is secret",
    ]);
  });

  test("make what holds them secret", () => {
    for (const type of [login, list(login), oneOrMany(login), either("list", list(anyText), login)]) {
      expect(type.secret).toBe(true);
    }
    expect(list(mirror).secret).toBeUndefined();
  });
});
