import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { groups } from "./groups/index.ts";
import { parseJsonSource } from "./json-source.ts";
import { type Json, type Problem, problemText, settingsTable, sourceFromJson } from "./source.ts";
import { testModel } from "./testing.ts";
import { parseTomlSource } from "./toml-source.ts";

const model = testModel();

/** The leaves of a PATCH body, or its problems as lines. */
function check(body: string, of = model): Record<string, Json> | string[] {
  const parsed = parseJsonSource(body);
  const checked = parsed.ok ? of.checkSettings(parsed.node) : parsed;
  return checked.ok
    ? Object.fromEntries(checked.leaves)
    : checked.problems.map((problem) => problemText(problem));
}

const groupNames = Object.keys(groups).join(", ");

describe("settings documents that are accepted", () => {
  const table: [situation: string, body: string, leaves: Record<string, Json>][] = [
    ["api Check 8: one leaf", '{"motd":"a b"}', { "settings.motd": "a b" }],
    ["api Check 13: nothing", "{}", {}],
    ["api Check 13, settings Check 5: null means not given", '{"motd":null,"kernel":null}', {}],
    ["an empty group gives no leaves", '{"kernel":{"sysctl":{}},"updates":{}}', {}],
    [
      "api Check 11, settings Check 6: a name with dots becomes one quoted segment",
      '{"kernel":{"sysctl":{"vm.max_map_count":"7"}}}',
      { 'settings.kernel.sysctl."vm.max_map_count"': "7" },
    ],
    [
      "settings Check 11: an alias is stored under the current name",
      '{"boot":{"kernel-parameters":{"console":["tty0"],"quiet":[]}}}',
      { "settings.boot.kernel.console": ["tty0"], "settings.boot.kernel.quiet": [] },
    ],
    [
      "settings Check 24: addresses in canonical form, entries not merged",
      '{"network":{"hosts":[["0:0::1",["a"]],["::1",["b"]]]}}',
      {
        "settings.network.hosts": [
          ["::1", ["a"]],
          ["::1", ["b"]],
        ],
      },
    ],
    ["an empty list is a value", '{"ntp":{"time-servers":[]}}', { "settings.ntp.time-servers": [] }],
    [
      "names that objects have by birth are names like others",
      '{"kernel":{"sysctl":{"__proto__":"1","constructor":"2"}}}',
      { "settings.kernel.sysctl.__proto__": "1", "settings.kernel.sysctl.constructor": "2" },
    ],
  ];
  for (const [situation, body, leaves] of table) {
    test(situation, () => expect(check(body)).toEqual(leaves));
  }
});

describe("settings documents that are refused", () => {
  const table: [situation: string, body: string, problems: string[]][] = [
    [
      "api Check 12, settings Check 2: the document with its wrapper",
      '{"settings":{"motd":"x"}}',
      [`1:2: settings.settings: unknown name "settings"; accepted: one of ${groupNames}`],
    ],
    [
      "api Check 12: an unknown name, with the nearest one",
      '{"motb":1}',
      [`1:2: settings.motb: unknown name "motb" (did you mean "motd"?); accepted: one of ${groupNames}`],
    ],
    [
      "api Check 12: a wrong type",
      '{"motd":5}',
      ["1:9: settings.motd: found the integer 5; accepted: a string"],
    ],
    ["api Check 12: broken JSON", '{"motd":', ["1:9: the document ends too early; accepted: a JSON value"]],
    [
      "settings Check 4: underscores are not dashes",
      '{"updates":{"version_lock":"latest"}}',
      [
        '1:13: settings.updates.version_lock: unknown name "version_lock" (did you mean "version-lock"?); accepted: one of metadata-base-url, targets-base-url, seed, version-lock, ignore-waves, health',
      ],
    ],
    [
      "settings Check 6: a number for a sysctl",
      '{"kernel":{"sysctl":{"vm.swappiness":10}}}',
      ['1:38: settings.kernel.sysctl."vm.swappiness": found the integer 10; accepted: a string'],
    ],
    [
      "settings Check 11: a setting and its alias",
      '{"boot":{"kernel":{},"kernel-parameters":{}}}',
      [
        '1:22: settings.boot.kernel-parameters: "kernel" is given as well; accepted: the setting once, under one of its names',
      ],
    ],
    [
      "settings Check 11: a text for a list",
      '{"boot":{"init":{"a":"b"}}}',
      [
        '1:22: settings.boot.init.a: found the text "b"; accepted: a list, each item a string of printable ASCII characters, with \' or " but not both',
      ],
    ],
    [
      "null under a name that the user chose",
      '{"kernel":{"sysctl":{"a":null},"modules":{"b":null}}}',
      [
        "1:26: settings.kernel.sysctl.a: found null; accepted: a string",
        "1:47: settings.kernel.modules.b: found null; accepted: a table with the names allowed",
      ],
    ],
    [
      "a list in place of a table, members in order",
      '{"ntp":[["time.lan"]]}',
      ["1:8: settings.ntp: found a list; accepted: a table with the names time-servers"],
    ],
    [
      "a document that is no table",
      "[]",
      [`1:1: settings: found a list; accepted: a table with the names ${groupNames}`],
    ],
    [
      "every problem is told, not the first",
      '{"motd":1,"nope":2,"ntp":{"time-servers":["", 3, "ok.lan"]}}',
      [
        "1:9: settings.motd: found the integer 1; accepted: a string",
        `1:11: settings.nope: unknown name "nope"; accepted: one of ${groupNames}`,
        '1:43: settings.ntp.time-servers: item 1: found the text "": it is empty; accepted: a string that is a host name or an IP address, without scheme and port',
        "1:47: settings.ntp.time-servers: item 2: found the integer 3; accepted: a string that is a host name or an IP address, without scheme and port",
      ],
    ],
    [
      "an empty name, which no key can have",
      '{"kernel":{"modules":{"":{"allowed":true}}}}',
      [
        '1:23: settings.kernel.modules."": found the name "": it is empty; accepted: a module name of 1 to 56 characters A-Z a-z 0-9 - _',
      ],
    ],
    [
      "settings Check 15: a name that makes the key too long is the caller's mistake, not the server's",
      `{"boot":{"kernel":{"${"a".repeat(250)}":[]}}}`,
      [
        `1:273: settings.boot.kernel.${"a".repeat(250)}: the key is not usable: it is 271 characters long, and at most 255 are allowed; accepted: shorter and simpler names`,
      ],
    ],
    [
      "a name with a line break stays on one line of the message",
      '{"a\\nb":1}',
      [`1:2: settings."a\\nb": unknown name "a\\nb"; accepted: one of ${groupNames}`],
    ],
  ];
  for (const [situation, body, problems] of table) {
    test(situation, () => expect(check(body)).toEqual(problems));
  }

  test("of very many problems the first hundred are told, and the number of the others", () => {
    const names = Array.from({ length: 1000 }, (_, index) => `"x${index}":1`).join();
    const problems = check(`{${names},"ntp":{"time-servers":[1,2]}}`);
    expect(problems).toHaveLength(101);
    expect(Object.values(problems).at(-1)).toBe(
      "settings: 902 more problems are not listed; accepted: the document without these mistakes",
    );
  });

  test("a group of other variants is named as such", () => {
    expect(check('{"boot":{}}', testModel(["motd"]))).toEqual([
      '1:2: settings.boot: variant test-dev has no group "boot", but others have; accepted: one of motd',
    ]);
  });

  test("TOML user data is refused with the line and column of each mistake", () => {
    const text = '[settings]\nmotd = 1979-05-27\n\n[settings.updates]\nseed = -1\n"ignore-waves" = "true"\n';
    const parsed = parseTomlSource(text);
    const table = parsed.ok ? settingsTable(parsed.node) : parsed;
    const checked = table.ok ? model.checkSettings(table.node) : table;
    expect(
      checked.ok ? [] : checked.problems.map((problem) => problemText(problem, "user-data.toml")),
    ).toEqual([
      "user-data.toml:2:8: settings.motd: found the date or time 1979-05-27; accepted: a string",
      "user-data.toml:5:8: settings.updates.seed: found the integer -1; accepted: an integer from 0 to 4294967295",
      'user-data.toml:6:18: settings.updates.ignore-waves: found the text "true"; accepted: true or false',
    ]);
  });
});

describe("the settings table of a document", () => {
  const table: [json: string, outcome: unknown][] = [
    ['{"settings":{},"other":1}', { ok: true, ignored: ["other"] }],
    ["{}", 'found nothing at the top level; accepted: a table named "settings" that holds the settings'],
    [
      '{"motd":"a"}',
      'found only "motd" at the top level; accepted: a table named "settings" that holds the settings',
    ],
    ['{"settings":[]}', "settings: found a list; accepted: a table of settings"],
    ["[]", 'found a list; accepted: a table named "settings" that holds the settings'],
  ];
  for (const [json, outcome] of table) {
    test(`of ${json}`, () => {
      const found = settingsTable(sourceFromJson(JSON.parse(json)));
      const told = found.ok
        ? { ok: true, ignored: found.ignored }
        : found.problems.map((problem: Problem) => problemText(problem)).join();
      expect(told).toEqual(outcome as never);
    });
  }
});

describe("leaves and documents", () => {
  const name = fc.stringMatching(/^[a-z_][a-z0-9_-]{0,8}(\.[a-z]{1,4})?$/);
  const words = fc.array(fc.stringMatching(/^[a-z ,]{0,8}$/), { maxLength: 3 });
  const parameters = fc.dictionary(name, words, { maxKeys: 4 });
  const documents = fc.record(
    {
      motd: fc.string(),
      updates: fc.record({ seed: fc.nat(2047), "ignore-waves": fc.boolean() }, { requiredKeys: [] }),
      kernel: fc.record({ sysctl: fc.dictionary(name, fc.string(), { maxKeys: 4 }) }, { requiredKeys: [] }),
      boot: fc.record({ kernel: parameters, init: parameters }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  );

  test("nesting the leaves of a document and checking the result gives the same leaves", () => {
    fc.assert(
      fc.property(documents, (document) => {
        const first = model.checkSettings(sourceFromJson(JSON.parse(JSON.stringify(document))));
        if (!first.ok) throw new Error(first.problems.map((problem) => problemText(problem)).join("\n"));
        expect(model.checkSettings(sourceFromJson(model.nest(first.leaves)))).toEqual(first);
      }),
    );
  });

  test("names come in the order of the model, names of maps sorted, others after them", () => {
    const leaves = new Map<string, Json>([
      ["settings.zz.y", 1],
      ["settings.boot.kernel.b", []],
      ["settings.boot.kernel.a", []],
      ["settings.motd", "m"],
      ["services.x", 1],
    ]);
    expect(JSON.stringify(model.nest(leaves))).toBe(
      '{"motd":"m","boot":{"kernel":{"a":[],"b":[]}},"zz":{"y":1}}',
    );
  });

  test("nesting keeps the name __proto__ as a name", () => {
    const nested = model.nest(new Map([["settings.kernel.sysctl.__proto__", "1"]]));
    expect(JSON.stringify(nested)).toBe('{"kernel":{"sysctl":{"__proto__":"1"}}}');
  });

  test("any JSON value is checked without an exception; each problem is one line and has a key", () => {
    const names = fc.constantFrom(
      "motd",
      "kernel",
      "sysctl",
      "modules",
      "boot",
      "network",
      "hosts",
      "a.b",
      "",
      "é\n",
    );
    const { hostile } = fc.letrec<{ hostile: Json }>((tie) => ({
      hostile: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom<Json>(null, true, 5, 1.5, -1, "x", "", "\n", "a".repeat(300)),
        fc.array(tie("hostile"), { maxLength: 3 }),
        fc.dictionary(names, tie("hostile"), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(hostile, (value) => {
        const checked = model.checkSettings(sourceFromJson(value));
        if (checked.ok) return;
        expect(checked.problems.length).toBeGreaterThan(0);
        for (const problem of checked.problems) {
          expect(problem.key).toStartWith("settings");
          expect(problemText(problem)).not.toContain("\n");
        }
      }),
      { numRuns: 500 },
    );
  });
});
