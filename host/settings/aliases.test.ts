import { describe, expect, test } from "bun:test";
import { currentKeyText } from "./aliases.ts";
import { groups } from "./groups/index.ts";
import { declarationOf } from "./model.ts";

const all = declarationOf(Object.keys(groups) as (keyof typeof groups)[]);

describe("older names in keys (settings 4.6)", () => {
  const table: [asked: string, current: string][] = [
    ["settings.boot.kernel-parameters", "settings.boot.kernel"],
    ["settings.boot.kernel-parameters.", "settings.boot.kernel."],
    ['settings.boot.init-parameters."a.b"', 'settings.boot.init."a.b"'],
    ["settings.container-registry.creds", "settings.container-registry.credentials"],
    ["settings.boot.kernel-par", "settings.boot.kernel-par"],
    ["settings.boot.kernel.kernel-parameters", "settings.boot.kernel.kernel-parameters"],
    ["settings.motd.creds", "settings.motd.creds"],
    ["settings.zzz.creds", "settings.zzz.creds"],
    ["services.boot.kernel-parameters", "services.boot.kernel-parameters"],
    ["settings", "settings"],
    ["", ""],
  ];
  for (const [asked, current] of table) {
    test(`${asked} is ${current}`, () => expect(currentKeyText(all, asked)).toBe(current));
  }
});
