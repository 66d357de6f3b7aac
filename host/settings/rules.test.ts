/** Rules between settings: when they are asked, and for what a change answers. Each rule is tested with its group. */
import { describe, expect, test } from "bun:test";
import { boolean } from "./basic-types.ts";
import { type Group, group, map, setting } from "./declaration.ts";
import { newlyBrokenRules } from "./rules.ts";
import { type Json, problemText } from "./source.ts";
import { names } from "./text-rule.ts";
import { anyText } from "./text-types.ts";

const job = group(
  {
    enabled: setting(boolean, { doc: "Whether it runs." }),
    command: setting(anyText, { doc: "What runs." }),
  },
  {
    rules: [
      ({ enabled, command }, isGenerated) =>
        enabled === true && command === undefined && !isGenerated("command")
          ? [{ at: ["command"], problem: "missing", accepted: "a command" }]
          : [],
    ],
  },
);
const anyName = names({ accepted: "a name" });
const model: Group = group({
  motd: setting(anyText, { doc: "A text." }),
  jobs: map(anyName, job, { doc: "Jobs." }),
});

const table: [
  situation: string,
  before: Record<string, Json>,
  after: Record<string, Json>,
  broken: string[],
][] = [
  ["nothing is wrong with nothing", {}, {}, []],
  ["a rule is kept", {}, { jobs: { a: { enabled: true, command: "x" }, b: { enabled: false } } }, []],
  [
    "every broken rule is told, with its key",
    {},
    { jobs: { "a.b": { enabled: true }, c: { enabled: true } } },
    [
      'settings.jobs."a.b".command: missing; accepted: a command',
      "settings.jobs.c.command: missing; accepted: a command",
    ],
  ],
  [
    "what was broken before is no matter of this change",
    { jobs: { old: { enabled: true } } },
    { motd: "x", jobs: { old: { enabled: true }, new: { enabled: true } } },
    ["settings.jobs.new.command: missing; accepted: a command"],
  ],
  ["a value that a generator will give is not missed", {}, { jobs: { generated: { enabled: true } } }, []],
  ["names that objects have by birth are no tables", {}, { jobs: { constructor: { command: "x" } } }, []],
];
describe("rules between settings", () => {
  for (const [situation, before, after, broken] of table) {
    test(situation, () => {
      const generated = new Set(["settings.jobs.generated.command"]);
      const problems = newlyBrokenRules(
        model,
        () => before,
        () => after,
        generated,
      );
      expect(problems.map((problem) => problemText(problem))).toEqual(broken);
    });
  }
});
