import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseTomlSource } from "../../settings/toml-source.ts";
import { migrationText, parseMigration, readMigration } from "./format.ts";
import { anyMigrations, migration } from "./testing.ts";

const NAME = "migrate_v1.12.0_x.lz4";
const KINDS =
  "add-settings, add-prefixes, remove-settings, remove-prefixes, rename-setting, replace-string, replace-number, replace-boolean, replace-list, replace-template";

function problems(text: string): unknown {
  try {
    return parseMigration(NAME, text);
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message.split("\n").slice(1) : thrown;
  }
}

describe("a migration that this version cannot carry out is refused with the place", () => {
  const step = (text: string) => `{"format":1,"steps":[${text}]}`;
  const table: [what: string, text: string, problems: readonly string[]][] = [
    ["no JSON", "{", [`${NAME}:1:2: the document ends too early; accepted: a member name in double quotes`]],
    [
      "another format",
      '{"format":2,"stages":[]}',
      [`${NAME}:1:11: format: found the integer 2; accepted: 1`],
    ],
    ["no format", '{"steps":[]}', [`${NAME}: format: missing; accepted: 1`]],
    ["no steps", '{"format":1}', [`${NAME}: steps: missing; accepted: a list of steps`]],
    [
      "an unknown field",
      '{"format":1,"steps":[],"x":1}',
      [`${NAME}:1:24: x: unknown field; accepted: format, steps`],
    ],
    [
      "an unknown step",
      step('{"frobnicate":[]}'),
      [`${NAME}:1:23: steps[0].frobnicate: unknown step; accepted: ${KINDS}`],
    ],
    [
      "a name that every object has",
      step('{"constructor":[]}'),
      [`${NAME}:1:23: steps[0].constructor: unknown step; accepted: ${KINDS}`],
    ],
    [
      "a step that is none",
      step("7"),
      [`${NAME}:1:22: steps[0]: found the integer 7; accepted: a table with one of ${KINDS}`],
    ],
    [
      "two in one, whose order nobody knows",
      step('{"add-settings":["settings.a"],"remove-settings":["settings.b"]}'),
      [
        `${NAME}:1:22: steps[0]: found add-settings and remove-settings in one step; accepted: a table with one of ${KINDS}`,
      ],
    ],
    [
      "an unknown field of a step",
      step('{"rename-setting":{"from":"settings.a","to":"settings.b","if":"x"}}'),
      [`${NAME}:1:79: steps[0].rename-setting.if: unknown field; accepted: from, to`],
    ],
    [
      "a key that is no setting's",
      step('{"add-settings":["services.x","settings","settings..a"]}'),
      [
        `${NAME}:1:39: steps[0].add-settings[0]: found the text "services.x"; accepted: the key of a setting, such as settings.motd`,
        `${NAME}:1:52: steps[0].add-settings[1]: found the text "settings"; accepted: the key of a setting, such as settings.motd`,
        `${NAME}:1:63: steps[0].add-settings[2]: found the text "settings..a": it has an empty segment; accepted: the key of a setting, such as settings.motd`,
      ],
    ],
    [
      "a group renamed into itself",
      step('{"rename-setting":{"from":"settings.a","to":"settings.a.b"}}'),
      [
        `${NAME}:1:40: steps[0].rename-setting: one of settings.a and settings.a.b holds the other; accepted: two keys apart from each other`,
      ],
    ],
    [
      "values of another type",
      step('{"replace-list":{"key":"settings.a","old":["x",1]}}'),
      [
        `${NAME}:1:64: steps[0].replace-list.old: found a list; accepted: a list of strings`,
        `${NAME}: steps[0].replace-list.new: missing; accepted: a list of strings`,
      ],
    ],
  ];
  for (const [what, text, expected] of table) {
    test(what, () => expect(problems(text)).toEqual(expected));
  }
});

test("what is written is read again as the same", () => {
  const replace = { key: "settings.s", old: "{{ settings.r }}", new: "" };
  const templated = migration({ "replace-template": replace });
  fc.assert(
    fc.property(anyMigrations, (migrations) => {
      for (const each of [...migrations, templated]) {
        expect(parseMigration(each.name, migrationText(each))).toEqual(each);
      }
    }),
  );
});

test("TOML says the same as JSON", () => {
  const toml = `format = 1
[[steps]]
rename-setting = { from = "settings.motd", to = "settings.message" }
[[steps]]
replace-number = { key = "settings.n", old = 1.5, new = 2 }
`;
  expect(migrationText(readMigration(NAME, parseTomlSource(toml)))).toBe(
    '{"format":1,"steps":[{"rename-setting":{"from":"settings.motd","to":"settings.message"}},' +
      '{"replace-number":{"key":"settings.n","old":1.5,"new":2}}]}',
  );
});

test("whatever the document, it is a migration or refused", () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string(), stepsLike()), (text) => {
      try {
        expect(parseMigration(NAME, text).name).toBe(NAME);
      } catch (error) {
        expect(error).toMatchObject({ code: "migrations/bad" });
      }
    }),
    { numRuns: 500 },
  );
});

/** Documents that come near to a migration. */
function stepsLike(): fc.Arbitrary<string> {
  const name = fc.constantFrom(...KINDS.split(", "), "from", "to", "key", "old", "new", "__proto__");
  const value = fc.letrec((tie) => ({
    value: fc.oneof(fc.constantFrom("settings.a", 1, true, null), fc.array(tie("value")), tie("table")),
    table: fc.dictionary(name, tie("value"), { maxKeys: 3 }),
  }));
  return fc.array(value.table).map((steps) => JSON.stringify({ format: 1, steps }));
}
