import { describe, expect, test } from "bun:test";
import { failure } from "./failures.ts";
import type { UnrenderedFile } from "./plan.ts";
import { splitStale, unsetKeys } from "./stale.ts";

const file = (missing: string | undefined): UnrenderedFile => ({
  name: "f",
  path: "/etc/f",
  missing,
  failure: failure("apply/not-rendered", { template: "f", reason: "a reason", missing }),
});

describe("a file that cannot be rendered is removed", () => {
  const table: [situation: string, missing: string | undefined, removed: string[], stale: boolean][] = [
    ["if the setting it needs was removed", "settings.a.b", ["settings.a.b"], true],
    ["if the setting was the last of its group", "settings.a", ["settings.a.b"], true],
    ["if a part of what was removed is missing", "settings.a.b.c", ["settings.a.b"], true],
    ["if the name of the setting has dots", "settings.k.vm.x", ['settings.k."vm.x"'], true],
    ["not if another setting was removed", "settings.a.b", ["settings.a.c"], false],
    ["not if the name only begins alike", "settings.a.b", ["settings.a.bc"], false],
    ["not if nothing was removed", "settings.a.b", [], false],
    ["not if it is for another reason", undefined, ["settings.a.b"], false],
  ];
  for (const [situation, missing, removed, stale] of table) {
    test(situation, () => {
      const one = file(missing);
      expect(splitStale([one], removed)).toEqual(
        stale ? { stale: [one], failed: [] } : { stale: [], failed: [one] },
      );
    });
  }
});

test("keys are unset that have no value in the model", () => {
  const settings = { motd: "", kernel: { sysctl: { "vm.x": "1" } }, ntp: { "time-servers": [] } };
  const keys = [
    "settings.motd",
    'settings.kernel.sysctl."vm.x"',
    'settings.kernel.sysctl."vm.y"',
    "settings.ntp.time-servers",
    "settings.aws.config",
    "settings.motd.below",
    "what!",
  ];
  expect(unsetKeys(keys, settings)).toEqual([
    'settings.kernel.sysctl."vm.y"',
    "settings.aws.config",
    "settings.motd.below",
  ]);
});
