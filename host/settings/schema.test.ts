/**
 * The JSON Schema of a variant's settings. That of each type is compared with its check in types.test.ts, that of whole
 * documents in tests/settings.
 */
import { describe, expect, test } from "bun:test";
import { groups } from "./groups/index.ts";
import { type Json, sourceFromJson } from "./source.ts";
import { schemaTakes, testModel } from "./testing.ts";

const model = testModel();
const { schema } = model;

describe("the schema and the check agree", () => {
  const table: [situation: string, document: Json, taken: boolean][] = [
    ["on nothing", {}, true],
    ["on an empty group", { kernel: {} }, true],
    ["on names that users choose", { kernel: { sysctl: { "vm.swappiness": "10", constructor: "1" } } }, true],
    ["on an alias", { boot: { "kernel-parameters": { quiet: [] } } }, true],
    ["on a setting and its alias", { boot: { kernel: {}, "kernel-parameters": {} } }, false],
    ["on an unknown group", { nope: {} }, false],
    ["on an unknown member", { updates: { version_lock: "latest" } }, false],
    ["on a wrong name of a map", { kernel: { modules: { "a.b": { allowed: true } } } }, false],
    ["on an empty name of a map", { kernel: { modules: { "": { allowed: true } } } }, false],
    ["on a wrong value", { kernel: { sysctl: { a: 10 } } }, false],
    ["on a wrapper around the document", { settings: {} }, false],
    ["on a list in place of the document", [], false],
  ];
  for (const [situation, document, taken] of table) {
    test(situation, () => {
      expect(model.checkSettings(sourceFromJson(document)).ok).toBe(taken);
      expect(schemaTakes(schema, document)).toBe(taken);
    });
  }
});

test("the schema knows the groups of the variant, and says what each setting is, with an example", () => {
  expect(testModel(["motd", "ntp"]).schema).toEqual({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "The settings of test-dev",
    type: "object",
    properties: {
      motd: {
        description: groups.motd.about.doc,
        examples: ["Handle with care"],
        type: "string",
      },
      ntp: {
        description: "Where the time comes from.",
        type: "object",
        properties: {
          "time-servers": {
            description: "The time servers, by host name or address.",
            examples: [["time.example.com", "192.0.2.123"]],
            type: "array",
            items: { type: "string", minLength: 1, pattern: "^[0-9A-Za-z._:-]*$" },
          },
        },
        additionalProperties: false,
      },
    },
    additionalProperties: false,
  });
});
