import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { documentOf, settingsKey } from "./assignments.ts";
import { groups } from "./groups/index.ts";
import { type Json, problemText, type SourceNode } from "./source.ts";
import { testModel } from "./testing.ts";

const model = testModel();

/** What `apiclient set` with these words would send as leaves, or what it would print. */
function set(...words: string[]): Record<string, Json> | string[] {
  const assignments = [];
  for (const word of words) {
    const [name = "", ...rest] = word.split("=");
    const key = settingsKey(name);
    if (!key.ok) return [key.reason];
    const value = model.convertText(name, rest.join("="));
    if (!("kind" in value)) return [problemText(value)];
    assignments.push({ key: key.key, value });
  }
  const document = documentOf(assignments);
  const checked = document.ok ? model.checkSettings(document.node) : document;
  return checked.ok
    ? Object.fromEntries(checked.leaves)
    : checked.problems.map((problem) => problemText(problem));
}

describe("apiclient set KEY=TEXT", () => {
  const table: [words: string[], outcome: Record<string, Json> | string[]][] = [
    [
      ["motd=hi there", "settings.updates.ignore-waves=true"],
      { "settings.motd": "hi there", "settings.updates.ignore-waves": true },
    ],
    [["motd=42"], { "settings.motd": "42" }],
    [["motd=true"], { "settings.motd": "true" }],
    [["motd=null"], { "settings.motd": "null" }],
    [["motd="], { "settings.motd": "" }],
    [['motd="x"'], { "settings.motd": '"x"' }],
    [["motd=a", "motd=b"], { "settings.motd": "b" }],
    [["updates.seed=7"], { "settings.updates.seed": 7 }],
    [["updates.seed= 7 "], { "settings.updates.seed": 7 }],
    [["updates.ignore-waves= true\n"], { "settings.updates.ignore-waves": true }],
    [["updates.version-lock=1.11.1"], { "settings.updates.version-lock": "1.11.1" }],
    [['kernel.sysctl."vm.max_map_count"=262144'], { 'settings.kernel.sysctl."vm.max_map_count"': "262144" }],
    [["kernel.modules.sctp.allowed=false"], { "settings.kernel.modules.sctp.allowed": false }],
    [['ntp.time-servers=["a.lan"]'], { "settings.ntp.time-servers": ["a.lan"] }],
    [["kubernetes.cluster-dns-ip=10.0.0.10"], { "settings.kubernetes.cluster-dns-ip": "10.0.0.10" }],
    [['kubernetes.cluster-dns-ip=["fd00::a"]'], { "settings.kubernetes.cluster-dns-ip": ["fd00::a"] }],
    [
      ["kubernetes.node-taints.gpu=yes:NoSchedule"],
      { "settings.kubernetes.node-taints.gpu": ["yes:NoSchedule"] },
    ],
    [["kubernetes.node-labels.gpu=true"], { "settings.kubernetes.node-labels.gpu": "true" }],
    [
      ["kubernetes.image-gc-high-threshold-percent=85"],
      { "settings.kubernetes.image-gc-high-threshold-percent": 85 },
    ],
    [
      ["kubernetes.image-gc-high-threshold-percent=85%"],
      [
        'settings.kubernetes.image-gc-high-threshold-percent: found the text "85%": it is not a whole number from 0 to 100; accepted: a string that is a whole number from "0" to "100", or an integer from 0 to 100',
      ],
    ],
    [
      ["container-runtime.max-container-log-line-size=-1"],
      { "settings.container-runtime.max-container-log-line-size": -1 },
    ],
    [
      ['container-registry.mirrors={"quay.io":["https://m.lan"]}'],
      { "settings.container-registry.mirrors": [{ registry: "quay.io", endpoint: ["https://m.lan"] }] },
    ],
    [['kernel={"lockdown":"none"}'], { "settings.kernel.lockdown": "none" }],
    [["boot.kernel-parameters.quiet=[]"], { "settings.boot.kernel.quiet": [] }],
    [
      ["updates.seed=-1"],
      ["settings.updates.seed: found the integer -1; accepted: an integer from 0 to 4294967295"],
    ],
    [
      ["updates.seed=7.0"],
      [
        "settings.updates.seed: found the number with a fraction 7.0; accepted: an integer from 0 to 4294967295",
      ],
    ],
    [
      ["updates.seed=x"],
      ['settings.updates.seed: found the text "x"; accepted: an integer from 0 to 4294967295'],
    ],
    [
      ["updates.ignore-waves=yes"],
      ['settings.updates.ignore-waves: found the text "yes"; accepted: true or false'],
    ],
    [
      ["ntp.time-servers=a.lan"],
      [
        'settings.ntp.time-servers: found the text "a.lan"; accepted: a list, each item a string that is a host name or an IP address, without scheme and port, written as JSON',
      ],
    ],
    [["ntp=x"], ['settings.ntp: found the text "x"; accepted: a table written as JSON']],
    [["nope=1"], [`settings.nope: unknown name "nope"; accepted: one of ${Object.keys(groups).join(", ")}`]],
    [["motd.x=1"], ["settings.motd: found a table; accepted: a string"]],
    [
      ["boot.init=[]", "boot.init.a=[]"],
      [
        "settings.boot.init.a: given both as a value and as a table; accepted: either the key itself or keys below it",
      ],
    ],
    [["a!=1"], ['the character "!" is not allowed (only A-Z a-z 0-9 _ - / and quoted dots are)']],
  ];
  for (const [words, outcome] of table) {
    test(words.join(" "), () => expect(set(...words)).toEqual(outcome));
  }
});

test("a document made of no assignments is an empty table", () => {
  const empty: SourceNode = { kind: "table", entries: [] };
  expect(documentOf([])).toEqual({ ok: true, node: empty });
});

test("any words are leaves of the settings or problems in words, never anything thrown", () => {
  const key = fc.oneof(
    fc.constantFrom(
      "motd",
      "settings",
      "updates",
      "updates.seed",
      "ntp.time-servers",
      "kernel.sysctl",
      "nope",
    ),
    fc.constantFrom(
      'kernel.sysctl."a.b"',
      "kernel.sysctl.a",
      "settings.motd",
      "settings.motd.x",
      "__proto__",
      "boot",
    ),
    fc.string({ unit: "binary", maxLength: 12 }),
  );
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.json({ maxDepth: 3 }),
    fc.constantFrom("", "1e999", "-0", "9".repeat(400), "[".repeat(100_000), '{"a":'.repeat(20_000), "null"),
  );
  const words = fc.array(
    fc.tuple(key, text).map(([name, value]) => `${name}=${value}`),
    { minLength: 1, maxLength: 4 },
  );
  fc.assert(
    fc.property(words, (given) => {
      const outcome = set(...given);
      if (Array.isArray(outcome)) {
        expect(outcome.length).toBeGreaterThan(0);
        for (const problem of outcome) expect(problem).not.toBe("");
      } else for (const leaf of Object.keys(outcome)) expect(leaf).toStartWith("settings.");
    }),
    { numRuns: 1500 },
  );
});
