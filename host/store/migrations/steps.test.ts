import { describe, expect, test } from "bun:test";
import type { Json } from "../../settings/index.ts";
import { migrateLeaves } from "./migrate.ts";
import type { Direction } from "./steps.ts";
import { leaves, migration, render } from "./testing.ts";

type Settings = Readonly<Record<string, Json>>;

function after(step: Json, direction: Direction, before: Settings): Settings {
  return Object.fromEntries(
    migrateLeaves(leaves(before), { direction, migrations: [migration(step)], render }),
  );
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
  const templates: [rule: string, direction: Direction, before: Settings, source: Json | undefined][] = [
    [
      "replace-template makes the value anew that the old template had made",
      "forward",
      { "settings.r": "eu", "settings.s": "eu/v1" },
      "eu/v2",
    ],
    ["and takes it back", "backward", { "settings.r": "eu", "settings.s": "eu/v2" }, "eu/v1"],
    [
      "Check 36: what the user has put in its place stays",
      "forward",
      { "settings.r": "eu", "settings.s": "mine" },
      "mine",
    ],
    ["what cannot have been made by it stays", "forward", { "settings.s": "eu/v1" }, "eu/v1"],
    ["what is not set stays so, too", "forward", { "settings.r": "eu" }, undefined],
  ];
  const template = { key: "settings.s", old: "{settings.r}/v1", new: "{settings.r}/v2" };
  for (const [rule, direction, before, source] of templates) {
    test(rule, () => {
      expect(after({ "replace-template": template }, direction, before)["settings.s"]).toEqual(source);
    });
  }

  const broken: [what: string, step: Json, before: Settings, cause: string][] = [
    [
      "Check 36: a list with a number where strings are replaced",
      { "replace-list": list },
      { "settings.l": ["a", 2] },
      "settings.l is to be compared with a list of strings, but holds something else",
    ],
    [
      "a value that is no text where a template is replaced",
      { "replace-template": template },
      { "settings.s": 1 },
      "settings.s is to be compared with what a template makes, but holds no string",
    ],
    [
      "a new template that makes nothing of the settings",
      { "replace-template": { ...template, new: "{settings.unset}" } },
      { "settings.r": "eu", "settings.s": "eu/v1" },
      "there is no settings.unset",
    ],
  ];
  for (const [what, step, before, cause] of broken) {
    test(`${what} fails the migration, naming the setting`, () => {
      try {
        after(step, "forward", before);
        throw new Error("it did not fail");
      } catch (error) {
        expect(error).toMatchObject({
          message: "The migration migrate_v1.12.0_test.lz4 failed on its way forward",
          cause: { message: cause },
        });
      }
    });
  }

  for (const [rule, step, direction, before, result] of table) {
    test(rule, () => expect(after(step, direction, before)).toEqual(result));
  }
});
