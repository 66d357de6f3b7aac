import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Failure } from "../linux/failure.ts";
import {
  documentText,
  readDocument,
  transactionFileName,
  transactionNameProblem,
  transactionOfFile,
} from "./documents.ts";

describe("the file of a transaction", () => {
  const table: [name: string, file: string][] = [
    ["default", "default.json"],
    ["a b.c", "a%20b%2Ec.json"], // api Check 10
    ["../../etc", "%2E%2E%2F%2E%2E%2Fetc.json"],
    [".", "%2E.json"],
    ["é", "%C3%A9.json"],
  ];
  for (const [name, file] of table) {
    test(`of ${name} is ${file}`, () => {
      expect(transactionFileName(name)).toBe(file);
      expect(transactionOfFile(file)).toBe(name);
    });
  }

  const refused: [name: string, reason: string | undefined][] = [
    ["", "it is empty"],
    ["\ud800", "it is not valid Unicode"],
    ["a".repeat(250), undefined],
    ["a".repeat(251), "it needs 256 bytes, and 255 are possible"],
    [".".repeat(84), "it needs 257 bytes, and 255 are possible"],
  ];
  for (const [name, reason] of refused) {
    test(`${name.length} characters: ${reason ?? "possible"}`, () =>
      expect(transactionNameProblem(name)).toBe(reason as never));
  }

  test("every possible name has its own file, directly in the directory", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (name) => {
        if (transactionNameProblem(name) !== undefined) return;
        expect(transactionFileName(name)).toMatch(/^[A-Za-z0-9_%-]+\.json$/);
        expect(transactionOfFile(transactionFileName(name))).toBe(name);
      }),
    );
  });

  test("other files are no transactions", () => {
    for (const file of [
      "x",
      ".json",
      "a b.json",
      "%zz.json",
      "%61.json",
      "%ff.json",
      ".tmp-0123456789abcdef",
    ]) {
      expect(transactionOfFile(file)).toBeUndefined();
    }
  });
});

describe("documents", () => {
  test("equal content gives equal text, whatever the order", () => {
    const text = '{"format":1,"transaction":"t","leaves":{"a":1,"b":[2]}}';
    expect(
      documentText({
        transaction: "t",
        leaves: new Map<string, number | number[]>([
          ["b", [2]],
          ["a", 1],
        ]),
      }),
    ).toBe(text);
    expect(documentText(readDocument("x", text))).toBe(text);
  });

  const damaged: [text: string, reason: string][] = [
    ["", "it is not JSON"],
    ['{"format":1,"transaction":"t","leaves":{"a', "it is not JSON"],
    ["[]", "it is not a JSON object"],
    ["{}", "its format is not 1"],
    ['{"format":2}', "its format is not 1"],
    ['{"format":1,"leaves":{}}', "it names no transaction"],
    ['{"format":1,"transaction":"","leaves":[]}', "it has no leaves"],
  ];
  for (const [text, reason] of damaged) {
    test(`${text || "an empty file"}: ${reason}`, () => {
      expect(() => readDocument("/x/live.json", text)).toThrow(
        new Error(`/x/live.json does not hold a document of the data store: ${reason}`),
      );
    });
  }
});

test("any text is a document or a failure that names its file, and nothing else", () => {
  const good = documentText({ transaction: "t", leaves: new Map([["settings.motd", ["a", { b: null }]]]) });
  const texts = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.json({ maxDepth: 3 }),
    fc
      .record({ format: fc.constantFrom(1, 2, "1"), transaction: fc.anything(), leaves: fc.anything() })
      .map((value) => JSON.stringify(value)),
    // As a write that was cut, or a flipped byte, leaves it.
    fc.nat(good.length).map((length) => good.slice(0, length)),
    fc
      .tuple(fc.nat(good.length - 1), fc.string({ unit: "binary", minLength: 1, maxLength: 1 }))
      .map(([at, other]) => good.slice(0, at) + other + good.slice(at + 1)),
    fc.constantFrom("[".repeat(100_000), '{"format":1,"transaction":"t","leaves":{"__proto__":1}}'),
  );
  fc.assert(
    fc.property(texts, (text) => {
      try {
        const { transaction, leaves } = readDocument("/x/live.json", text);
        expect(typeof transaction).toBe("string");
        expect(leaves).toBeInstanceOf(Map);
        expect([...leaves.keys()]).toEqual(Object.keys(JSON.parse(text).leaves));
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(Failure);
        expect((thrown as Failure).code).toBe("store/damaged");
        expect((thrown as Failure).message).toStartWith("/x/live.json does not hold a document");
      }
    }),
    { numRuns: 2000 },
  );
});
