import { describe, expect, test } from "bun:test";
import { placeProblems } from "./place-problems.ts";
import { settingsTable } from "./source.ts";
import { testModel } from "./testing.ts";
import { parseTomlSource } from "./toml-source.ts";

const document = `settings.motd = "x"

[settings.host-containers."admin"]
enabled = true

[settings.container-registry]
creds = [{}]
`;

const table: [key: string, place: { line: number; column: number } | undefined][] = [
  ["settings.motd", { line: 1, column: 10 }],
  ["settings.host-containers.admin.enabled", { line: 4, column: 1 }],
  ["settings.host-containers.admin.source", { line: 3, column: 27 }],
  ["settings.host-containers.control.source", { line: 3, column: 11 }],
  ["settings.container-registry.credentials", { line: 7, column: 1 }],
  ["settings.kernel.lockdown", undefined],
  ["", undefined],
];
describe("a problem of the whole is told at the name on the way to its key that the document gives", () => {
  const model = testModel();
  const parsed = parseTomlSource(document);
  const settings = parsed.ok ? settingsTable(parsed.node) : undefined;
  for (const [key, at] of table) {
    test(`${key || "no key"}: ${at === undefined ? "no place" : `${at.line}:${at.column}`}`, () => {
      if (settings?.ok !== true) throw new Error("the document of this test is wrong");
      const problem = { key, problem: "missing", accepted: "something" };
      expect(placeProblems(model.declaration, settings.node, [problem])).toEqual([
        at === undefined ? problem : { ...problem, at },
      ]);
    });
  }
});
