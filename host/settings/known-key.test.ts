import { describe, expect, test } from "bun:test";
import { parseKey } from "./keys.ts";
import { problemText } from "./source.ts";
import { testModel } from "./testing.ts";

const model = testModel();

/** The text of the key as the store has it, or of what is wrong. */
function lookUp(text: string): string {
  const parsed = parseKey(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  const known = model.knownKey(parsed.key);
  return known.ok ? known.key.text : problemText(known.problem);
}

describe("a key that the model has", () => {
  const table: [what: string, key: string, stored?: string][] = [
    ["a setting", "settings.motd"],
    ["a group", "settings.ntp"],
    ["a map", "settings.kernel.sysctl"],
    ["an entry of a map", 'settings.kernel.sysctl."vm.swappiness"'],
    ["a table of a map", "settings.host-containers.admin"],
    ["an older spelling", "settings.boot.kernel-parameters.console", "settings.boot.kernel.console"],
  ];
  for (const [what, key, stored = key] of table) {
    test(`is ${what}: ${key}`, () => expect(lookUp(key)).toBe(stored));
  }
});

describe("a key that the model does not have is told with what is near", () => {
  const table: [key: string, says: string][] = [
    ["settings.mot", 'settings.mot: unknown name "mot" (did you mean "motd"?)'],
    ["settings.ntp.time-server", '(did you mean "time-servers"?); accepted: one of time-servers'],
    ["settings.motd.x", 'settings.motd: a single value, with no "x" below it; accepted: this key alone'],
    ["settings.host-containers.a/b.source", 'settings.host-containers.a/b: found the name "a/b": '],
  ];
  for (const [key, says] of table) test(key, () => expect(lookUp(key)).toContain(says));

  test("a group of other variants is told as such", () => {
    const parsed = parseKey("settings.kubernetes.cluster-name");
    const known = parsed.ok ? testModel(["motd"]).knownKey(parsed.key) : undefined;
    expect(known?.ok === false && known.problem.problem).toBe(
      'variant test-dev has no group "kubernetes", but others have',
    );
  });
});
