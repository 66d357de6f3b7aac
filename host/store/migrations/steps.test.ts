import { describe, expect, test } from "bun:test";
import type { Json } from "../../settings/index.ts";
import { migrateLeaves } from "./migrate.ts";
import type { Direction } from "./steps.ts";
import { leaves, migration } from "./testing.ts";

type Settings = Readonly<Record<string, Json>>;

function after(step: Json, direction: Direction, before: Settings): Settings {
  return Object.fromEntries(migrateLeaves(leaves(before), direction, [migration(step)]));
}

describe("updates 11.5: a step of a migration", () => {
  const list = { key: "settings.l", old: ["a", "b"], new: ["a", "b", "c"] };
  const motd = { key: "settings.motd", old: "v1", new: "v2" };
  const table: [rule: string, step: Json, direction: Direction, before: Settings, result: Settings][] = [
    [
      "add-settings does nothing forward: defaults and generators fill the settings",
      { "add-settings": ["settings.a"] },
      "forward",
      { "settings.a": 1 },
      { "settings.a": 1 },
    ],
    [
      "add-settings removes backward exactly the keys that it names",
      { "add-settings": ["settings.a", "settings.b"] },
      "backward",
      { "settings.a": 1, "settings.a.x": 2, "settings.ab": 3 },
      { "settings.a.x": 2, "settings.ab": 3 },
    ],
    [
      "Check 36, mended: add-prefixes removes backward what is below the key, and leaves names that only begin so",
      { "add-prefixes": ["settings.aws"] },
      "backward",
      { "settings.aws.region": "eu", "settings.aws": 1, "settings.awsome.x": 2, 'settings."aws.x"': 3 },
      { "settings.awsome.x": 2, 'settings."aws.x"': 3 },
    ],
    [
      "remove-settings removes forward",
      { "remove-settings": ["settings.a"] },
      "forward",
      { "settings.a": 1, "settings.b": 2 },
      { "settings.b": 2 },
    ],
    [
      "remove-settings does nothing backward",
      { "remove-settings": ["settings.a"] },
      "backward",
      { "settings.a": 1 },
      { "settings.a": 1 },
    ],
    [
      "remove-prefixes removes forward a whole map, by segments",
      { "remove-prefixes": ["settings.pki"] },
      "forward",
      { 'settings.pki."my.ca".data': "x", "settings.pkis": 1 },
      { "settings.pkis": 1 },
    ],
    [
      "rename-setting gives a setting its new key",
      { "rename-setting": { from: "settings.motd", to: "settings.message" } },
      "forward",
      { "settings.motd": "mine", "settings.motds": 1 },
      { "settings.message": "mine", "settings.motds": 1 },
    ],
    [
      "rename-setting gives it back its old one",
      { "rename-setting": { from: "settings.motd", to: "settings.message" } },
      "backward",
      { "settings.message": "mine" },
      { "settings.motd": "mine" },
    ],
    [
      "rename-setting takes a whole group along, names with dots included",
      { "rename-setting": { from: "settings.kernel.sysctl", to: "settings.sysctl" } },
      "forward",
      { 'settings.kernel.sysctl."vm.swappiness"': "1", "settings.kernel.lockdown": "none" },
      { 'settings.sysctl."vm.swappiness"': "1", "settings.kernel.lockdown": "none" },
    ],
    [
      "rename-setting leaves what is set under the new key already",
      { "rename-setting": { from: "settings.a", to: "settings.b" } },
      "forward",
      { "settings.a": "old", "settings.b": "new" },
      { "settings.b": "new" },
    ],
    [
      "rename-setting moves a removal, too, which is pending as null",
      { "rename-setting": { from: "settings.a", to: "settings.b" } },
      "forward",
      { "settings.a": null },
      { "settings.b": null },
    ],
    [
      "replace-string gives the new default",
      { "replace-string": motd },
      "forward",
      { "settings.motd": "v1" },
      { "settings.motd": "v2" },
    ],
    [
      "and takes it back",
      { "replace-string": motd },
      "backward",
      { "settings.motd": "v2" },
      { "settings.motd": "v1" },
    ],
    [
      "what the user has changed stays",
      { "replace-string": motd },
      "forward",
      { "settings.motd": "my own" },
      { "settings.motd": "my own" },
    ],
    ["what is not set stays so", { "replace-string": motd }, "forward", {}, {}],
    [
      "a value of another type stays",
      { "replace-string": motd },
      "forward",
      { "settings.motd": ["v1"] },
      { "settings.motd": ["v1"] },
    ],
    [
      "replace-boolean and replace-number change other defaults",
      { "replace-boolean": { key: "settings.on", old: true, new: false } },
      "forward",
      { "settings.on": true },
      { "settings.on": false },
    ],
    [
      "a number is no text of it",
      { "replace-number": { key: "settings.n", old: 1, new: 2 } },
      "forward",
      { "settings.n": "1" },
      { "settings.n": "1" },
    ],
    [
      "replace-list replaces the same items",
      { "replace-list": list },
      "forward",
      { "settings.l": ["a", "b"] },
      { "settings.l": ["a", "b", "c"] },
    ],
    [
      "and back",
      { "replace-list": list },
      "backward",
      { "settings.l": ["a", "b", "c"] },
      { "settings.l": ["a", "b"] },
    ],
    [
      "Check 36: in another order they are not the same",
      { "replace-list": list },
      "forward",
      { "settings.l": ["b", "a"] },
      { "settings.l": ["b", "a"] },
    ],
    [
      "more items are not the same",
      { "replace-list": list },
      "forward",
      { "settings.l": ["a", "b", "x"] },
      { "settings.l": ["a", "b", "x"] },
    ],
  ];
  for (const [rule, step, direction, before, result] of table) {
    test(rule, () => expect(after(step, direction, before)).toEqual(result));
  }

  test("Check 36: a list with a number fails the migration, naming the setting", () => {
    const thrown = () => after({ "replace-list": list }, "forward", { "settings.l": ["a", 2] });
    expect(thrown).toThrow("The migration migrate_v1.12.0_test.lz4 failed on its way forward");
    try {
      thrown();
    } catch (error) {
      expect(error).toMatchObject({
        cause: { message: "settings.l is to be compared with a list of strings, but holds something else" },
      });
    }
  });
});
