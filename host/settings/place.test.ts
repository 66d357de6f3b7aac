import { describe, expect, test } from "bun:test";
import { placeProblems } from "./place.ts";
import { settingsTable } from "./source.ts";
import { testModel } from "./testing.ts";
import { parseTomlSource } from "./toml-source.ts";

const { declaration } = testModel();

function placeOf(toml: string, key: string) {
  const parsed = parseTomlSource(toml);
  const table = parsed.ok ? settingsTable(parsed.node) : parsed;
  if (!table.ok) throw new Error("the test's document is wrong");
  const [problem] = placeProblems([{ key, problem: "p", accepted: "a" }], declaration, table.node);
  return problem?.at;
}

describe("a problem of a value gets a place", () => {
  const table: [situation: string, toml: string, key: string, place: [number, number] | undefined][] = [
    ["where the setting stands", "[settings.dns]\nname-servers = []\n", "settings.dns.name-servers", [2, 1]],
    [
      "under another of its names",
      "[settings.container-registry]\ncreds = []\n",
      "settings.container-registry.credentials",
      [2, 1],
    ],
    [
      "below a name that users choose",
      '[settings.host-containers."a"]\nenabled = true\n',
      "settings.host-containers.a.enabled",
      [2, 1],
    ],
    [
      "where its table stands, if it is missing",
      "[settings.host-containers.a]\nenabled = true\n",
      "settings.host-containers.a.source",
      [1, 27],
    ],
    [
      "none, if nothing of it is in the document",
      'settings.motd = "x"\n',
      "settings.dns.name-servers",
      undefined,
    ],
  ];
  for (const [situation, toml, key, place] of table) {
    test(situation, () => {
      expect(placeOf(toml, key)).toEqual(
        place === undefined ? undefined : { line: place[0], column: place[1] },
      );
    });
  }
  test("unless it has one", () => {
    const problem = { key: "settings.motd", problem: "p", accepted: "a", at: { line: 9, column: 9 } };
    expect(placeProblems([problem], declaration, { kind: "table", entries: [] })).toEqual([problem]);
  });
});
