import { describe, expect, it } from "bun:test";
import type { Json } from "../settings/index.ts";
import { ExampleApi, json, text } from "./testing.ts";

const sysctl = (name: string) => `settings.kernel.sysctl."${name}"`;
const live: Record<string, Json> = {
  "settings.motd": "mine",
  "settings.ntp.time-servers": ["192.0.2.7"],
  [sysctl("vm.swappiness")]: "10",
  [sysctl("vm.max_map_count")]: "7",
  "settings.updates.seed": 12,
  "settings.boot.kernel.console": ["tty0"],
};

/** What is staged after some settings were unset. */
async function unset(api: ExampleApi, keys: string) {
  const reply = await api.ask("DELETE", `/settings?tx=t&keys=${encodeURIComponent(keys)}`);
  return { reply, staged: Object.fromEntries(api.pending.get("t") ?? []) };
}

describe("DELETE /settings stages", () => {
  const table: [what: string, keys: string, staged: Record<string, Json>][] = [
    ["the default, where there is one", "settings.motd", { "settings.motd": "Welcome" }],
    ["a removal, where there is none", "settings.ntp.time-servers", { "settings.ntp.time-servers": null }],
    ["all leaves of a group", "settings.ntp", { "settings.ntp.time-servers": null }],
    [
      "all leaves of a map",
      "settings.kernel",
      { [sysctl("vm.swappiness")]: null, [sysctl("vm.max_map_count")]: null },
    ],
    ["one entry of a map", sysctl("vm.swappiness"), { [sysctl("vm.swappiness")]: null }],
    [
      "several keys at once, each leaf once",
      "settings.motd,settings.ntp,settings.ntp.time-servers",
      { "settings.motd": "Welcome", "settings.ntp.time-servers": null },
    ],
    [
      "a removal where a generator is declared for the group, and not for the leaf",
      "settings.boot",
      { "settings.boot.kernel.console": null },
    ],
    [
      "what an older spelling of the key means",
      "settings.boot.kernel-parameters",
      { "settings.boot.kernel.console": null },
    ],
  ];
  for (const [what, keys, staged] of table) {
    it(what, async () => {
      const api = new ExampleApi(live);
      expect(await unset(api, keys)).toEqual({ reply: json(Object.keys(staged).sort()), staged });
      expect(api.generatedKeys).toEqual([]);
    });
  }

  it("the value of the generator of exactly this leaf", async () => {
    const api = new ExampleApi(live);
    api.generated = '{"updates":{"seed":99}}';
    const staged = { "settings.updates.seed": 99 };
    expect(await unset(api, "settings.updates")).toEqual({ reply: json(["settings.updates.seed"]), staged });
    expect(api.generatedKeys).toEqual(["settings.updates.seed"]);
  });

  const failures: [how: string, printed: string | Error, why: string][] = [
    ["cannot be run", new Error("sundog did not end"), "sundog did not end"],
    ["has no value", "{}", "the journal of apiserver.service says why"],
    ["prints another setting", '{"motd":"x"}', "the journal of apiserver.service says why"],
    ["prints no JSON", "soon", "the journal of apiserver.service says why"],
    [
      "prints a value that the setting refuses",
      '{"updates":{"seed":"x"}}',
      "the journal of apiserver.service says why",
    ],
  ];
  for (const [how, printed, why] of failures) {
    it(`a removal, and tells so, when a generator ${how}`, async () => {
      const api = new ExampleApi(live);
      api.generated = printed;
      const remark = `No value was generated for settings.updates.seed: ${why}. Removed instead, and generated at the next boot`;
      expect(await unset(api, "settings.updates.seed")).toEqual({
        reply: { ...json(["settings.updates.seed"]), remark },
        staged: { "settings.updates.seed": null },
      });
    });
  }

  it("nothing for a setting that has its default or generated value already", async () => {
    const api = new ExampleApi({ ...live, "settings.motd": "Welcome" });
    api.generated = '{"updates":{"seed":12}}';
    expect(await unset(api, "settings.motd,settings.updates.seed")).toEqual({ reply: json([]), staged: {} });
    expect([...api.pending.keys()]).toEqual([]);
  });

  it("the return of what is only pending, and nothing twice", async () => {
    const api = new ExampleApi({ "settings.motd": "Welcome" });
    await api.ask("PATCH", "/settings?tx=t", '{"motd":"other","ntp":{"time-servers":["192.0.2.1"]}}');
    const staged = { "settings.motd": "Welcome", "settings.ntp.time-servers": null };
    const both = "settings.motd,settings.ntp";
    expect(await unset(api, both)).toEqual({ reply: json(Object.keys(staged)), staged });
    expect((await unset(api, "settings.motd")).reply).toEqual(json([]));
  });

  it("a removal that a later PATCH takes back, and the other way round", async () => {
    const api = new ExampleApi(live);
    await unset(api, "settings.ntp");
    await api.ask("PATCH", "/settings?tx=t", '{"ntp":{"time-servers":["192.0.2.1"]}}');
    expect(api.pending.get("t")?.get("settings.ntp.time-servers")).toEqual(["192.0.2.1"]);
    await unset(api, "settings.ntp");
    expect(await api.ask("GET", "/tx?tx=t")).toEqual(json({ ntp: { "time-servers": null } }));
    expect(await api.ask("POST", "/tx/commit?tx=t")).toEqual(json(["settings.ntp.time-servers"]));
    expect(await api.ask("GET", "/settings?prefix=ntp")).toEqual(json({}));
  });

  it("into the transaction default when none is named, like a PATCH", async () => {
    const api = new ExampleApi(live);
    await api.ask("DELETE", "/settings?keys=settings.motd");
    expect([...api.pending.keys()]).toEqual(["default"]);
  });
});

describe("DELETE /settings refuses, and stages nothing", () => {
  const table: [query: string, status: number, says: string][] = [
    ["", 400, "The parameter keys is missing; this request needs it"],
    ["?keys=", 400, "The parameter keys is empty; give one or more, separated by commas"],
    [
      "?keys=settings.motd,bad!key",
      400,
      'The parameter keys holds the invalid data key "bad!key": the character "!" is not allowed (only A-Z a-z 0-9 _ - / and quoted dots are)',
    ],
    [
      "?keys=settings.motd,services.ntp,settings,settings.mot",
      400,
      [
        "Nothing was staged, because of:",
        "services.ntp: not a setting; the keys of settings begin with settings.",
        "settings: names all settings; name a group or a setting",
        'settings.mot: unknown name "mot" (did you mean "motd"?); accepted: one of motd, updates, network, dns, ntp, kernel, boot, cloudformation',
      ].join("\n"),
    ],
    [
      "?keys=settings.motd,settings.dns,settings.network.hostname",
      404,
      "Nothing is set at or below settings.dns, settings.network.hostname",
    ],
    [
      "?keys=settings.motd&tx=",
      400,
      'The parameter tx cannot name a transaction: it is empty; without tx the transaction is "default"',
    ],
  ];
  for (const [query, status, says] of table) {
    it(query, async () => {
      const api = new ExampleApi(live);
      expect(await api.ask("DELETE", `/settings${query}`)).toEqual(text(status, says));
      expect(api.pending.size).toBe(0);
    });
  }

  it("what is removed already and was never live", async () => {
    const api = new ExampleApi();
    await api.ask("PATCH", "/settings?tx=t", '{"ntp":{"time-servers":["192.0.2.1"]}}');
    await unset(api, "settings.ntp");
    expect((await unset(api, "settings.ntp")).reply).toEqual(
      text(404, "Nothing is set at or below settings.ntp"),
    );
  });
});
