import { describe, expect, test } from "bun:test";
import { settingWord } from "../host/api/apiclient/set-words.ts";
import { documentOf, type Model, settingsTable } from "../host/settings/index.ts";
import { parseTomlSource } from "../host/settings/toml-source.ts";
import { exampleOf, setCommandOf, setWords, tomlOf } from "./examples.ts";
import { entryOf, sample, variantModel } from "./testing.ts";

const { model } = variantModel("metal-dev");

/** The leaves that a host stores for user data. */
function storedOfToml(toml: string) {
  const parsed = parseTomlSource(toml);
  const table = parsed.ok ? settingsTable(parsed.node) : parsed;
  return table.ok ? model.checkSettings(table.node) : table;
}

/** The leaves that a host stores for the words of `apiclient set`. */
function storedOfWords(words: readonly string[]): ReturnType<Model["checkSettings"]> {
  const assignments = words.map((word) => {
    const setting = settingWord(word);
    if (typeof setting === "string") throw new Error(setting);
    const value = model.convertText(setting.key.text, setting.text);
    if ("problem" in value) throw new Error(value.problem);
    return { key: setting.key, value };
  });
  const document = documentOf(assignments);
  return document.ok ? model.checkSettings(document.node) : document;
}

describe("examples", () => {
  const entries = sample.groups.flatMap((group) => group.entries);
  for (const entry of entries.filter(({ declaration }) => declaration.kind !== "group")) {
    test(`${entry.key}: user data and command are accepted and store the same`, () => {
      const example = exampleOf(entry);
      if (example === undefined) throw new Error("it has no example");
      const stored = storedOfToml(tomlOf(example));
      expect(stored).toMatchObject({ ok: true });
      expect(storedOfWords(setWords(example))).toEqual(stored);
    });
  }

  test("show names that users would choose, and quotes that a shell needs", () => {
    const example = exampleOf(entryOf("settings.kernel.sysctl.NAME"));
    if (example === undefined) throw new Error("it has no example");
    expect(tomlOf(example)).toBe('[settings.kernel.sysctl]\n"vm.swappiness" = "10"\n');
    expect(setCommandOf(example)).toBe(`apiclient set 'kernel.sysctl."vm.swappiness"=10'`);
  });
  test("with several settings have each on its own line", () => {
    const example = exampleOf(entryOf("settings.host-containers"));
    if (example === undefined) throw new Error("it has no example");
    expect(setCommandOf(example).split("\n")).toEqual([
      "apiclient set \\",
      "  host-containers.admin.source=registry.example.com/admin:v1 \\",
      "  host-containers.admin.enabled=true \\",
      "  host-containers.admin.superpowered=true",
    ]);
  });
});
