import { describe, expect, it } from "bun:test";
import { Failure } from "../linux/failure.ts";
import type { Json } from "../settings/index.ts";
import { ExampleApi, json, noContent, some, text } from "./testing.ts";

describe("GET /settings", () => {
  const table: [what: string, uri: string, body: unknown][] = [
    [
      "shows all live settings without an outer layer, in the model's order",
      "/settings",
      {
        motd: "hello",
        ntp: { "time-servers": ["192.0.2.7"] },
        kernel: { lockdown: "none", sysctl: { "vm.max_map_count": "7" } },
      },
    ],
    [
      "shows the named keys and skips those that are not set",
      "/settings?keys=settings.motd,settings.updates.seed",
      { motd: "hello" },
    ],
    [
      "api Check 11: takes a quoted segment",
      "/settings?keys=settings.kernel.sysctl.%22vm.max_map_count%22",
      {
        kernel: { sysctl: { "vm.max_map_count": "7" } },
      },
    ],
    ["api Check 16: finds nothing for a key without `settings.`", "/settings?keys=motd", {}],
    ["api Check 16: puts `settings.` before a prefix", "/settings?prefix=mot", { motd: "hello" }],
    ["compares a prefix as text", "/settings?prefix=settings.kernel.l", { kernel: { lockdown: "none" } }],
    [
      "settings Check 6: finds names with dots where the prefix leaves out the quotes",
      "/settings?prefix=settings.kernel.sysctl.vm.max",
      { kernel: { sysctl: { "vm.max_map_count": "7" } } },
    ],
    [
      "settings Check 6: takes a prefix with quotes as it is",
      "/settings?prefix=settings.kernel.sysctl.%22vm.max%22",
      {},
    ],
    ["answers an empty object when no key has the prefix", "/settings?prefix=zzz", {}],
    [
      "api Check 16: lets keys win over prefix",
      "/settings?keys=settings.motd&prefix=settings.ntp",
      { motd: "hello" },
    ],
    ["lets the last of a repeated parameter win", "/settings?prefix=ntp&prefix=motd", { motd: "hello" }],
    ["ignores unknown parameters", "/settings?prefix=motd&colour=red", { motd: "hello" }],
    ["reads + as a space, so that nothing matches", "/settings?prefix=mo+td", {}],
    [
      "skips keys of other sections that are not there either",
      "/settings?keys=services.ntp.zzz,services.zzz,configuration-files.motd.path2,os.arch,settings.motd",
      { motd: "hello" },
    ],
  ];
  for (const [what, uri, body] of table) {
    it(what, async () => {
      const reply = await new ExampleApi(some).ask("GET", uri);
      expect({ ...reply, body: JSON.parse(reply.body) }).toEqual({ ...json(body), body });
    });
  }

  const refusals: [what: string, uri: string, status: number, words: string][] = [
    [
      "an empty keys",
      "/settings?keys=",
      400,
      "The parameter keys is empty; give one or more, separated by commas",
    ],
    [
      "an empty prefix",
      "/settings?prefix=",
      400,
      "The parameter prefix is empty; give the beginning of a name, or leave prefix out",
    ],
    [
      "an inner node, where the reference answers 500",
      "/settings?keys=settings.ntp",
      400,
      "The parameter keys holds settings.ntp: this is a group of settings; ask for prefix=settings.ntp. instead",
    ],
    [
      "something below a leaf, where the reference answers 500",
      "/settings?keys=settings.motd.x",
      400,
      "The parameter keys holds settings.motd.x: nothing can be below settings.motd, which is a single value",
    ],
    [
      "a key of another section, where the reference answers 500",
      "/settings?keys=services.ntp.restart-commands",
      400,
      "The parameter keys holds services.ntp.restart-commands: this is not a setting; ask /services for it",
    ],
  ];
  for (const [what, uri, status, words] of refusals) {
    it(`refuses ${what}`, async () => {
      expect(await new ExampleApi(some).ask("GET", uri)).toEqual(text(status, words));
    });
  }

  it("walks over the live settings once, however many keys are asked for", async () => {
    let walked = 0;
    class CountingMap extends Map<string, Json> {
      override *keys(): MapIterator<string> {
        for (const key of super.keys()) {
          walked += 1;
          yield key;
        }
      }
    }
    const leaves = Array.from({ length: 3000 }, (_, at): [string, Json] => [
      `settings.kernel.sysctl."net.k${at}"`,
      "1",
    ]);
    const api = new ExampleApi();
    api.live = new CountingMap(leaves);
    const keys = Array.from({ length: 8000 }, (_, at) => `settings.motd.x${at}`);
    expect(await api.ask("GET", `/settings?keys=${keys.join(",")}`)).toEqual(json({}));
    expect(walked).toBe(leaves.length);
    const refused = await api.ask("GET", `/settings?keys=${keys.join(",")},settings.kernel.sysctl`);
    expect(refused.status).toBe(400);
    expect(walked).toBe(leaves.length);
  });

  it("api Check 16: refuses an invalid key, naming its kind, the key and the reason", async () => {
    const reply = await new ExampleApi(some).ask("GET", "/settings?keys=bad!key");
    expect(reply.status).toBe(400);
    expect(reply.body).toStartWith('The parameter keys holds the invalid data key "bad!key": ');
  });

  it("api Check 7: answers 404 naming the section while nothing is live", async () => {
    const reply = await new ExampleApi().ask("GET", "/settings");
    expect(reply).toEqual(text(404, "No settings are set yet: the first commit has not happened"));
    expect(await new ExampleApi().ask("GET", "/")).toEqual(reply);
  });
});

describe("PATCH /settings", () => {
  it("api Check 8 and 9: stages, shows what is pending, commits once", async () => {
    const api = new ExampleApi();
    expect(await api.ask("PATCH", "/settings", '{"motd":"a b"}')).toEqual(noContent);
    expect(await api.ask("GET", "/settings?keys=settings.motd")).toEqual(json({}));
    expect(await api.ask("GET", "/tx")).toEqual(json({ motd: "a b" }));
    expect(await api.ask("POST", "/tx/commit")).toEqual(json(["settings.motd"]));
    expect(await api.ask("GET", "/settings")).toEqual(json({ motd: "a b" }));
    expect(await api.ask("POST", "/tx/commit")).toEqual(
      text(422, 'Transaction "default" has nothing pending to commit'),
    );
    expect(api.started).toEqual([]);
  });

  it("api Check 10: takes any transaction name, and forgets a deleted transaction", async () => {
    const api = new ExampleApi();
    await api.ask("PATCH", "/settings?tx=a%20b.c", '{"motd":"x"}');
    expect(await api.ask("GET", "/tx/list")).toEqual(json(["a b.c"]));
    expect(await api.ask("DELETE", "/tx?tx=a%20b.c")).toEqual(json(["settings.motd"]));
    expect(await api.ask("DELETE", "/tx?tx=a%20b.c")).toEqual(json([]));
  });

  for (const body of ["{}", '{"motd":null}', '{"kernel":{"sysctl":{}}}']) {
    it(`api Check 13: ${body} creates no transaction`, async () => {
      const api = new ExampleApi(some);
      expect(await api.ask("PATCH", "/settings", body)).toEqual(noContent);
      expect(await api.ask("GET", "/tx/list")).toEqual(json([]));
      expect((await api.ask("POST", "/tx/commit")).status).toBe(422);
      expect(api.live.get("settings.motd")).toBe("hello");
    });
  }

  const refused: [body: string, key: string, at: string][] = [
    ['{"settings":{"motd":"x"}}', "settings.settings", "1:2"],
    ['{"nope":1}', "settings.nope", "1:2"],
    ['{"motd":5}', "settings.motd", "1:9"],
    ['{"motd":', "", "1:9"],
    ["[]", "", "1:1"],
    ['{"motd":"a","motd":"b"}', "", "1:13"],
    ['{"updates":{"seed":4.0}}', "settings.updates.seed", "1:20"],
  ];
  for (const [body, key, at] of refused) {
    it(`api Check 12: refuses ${body}, naming key, line and column, and stores nothing`, async () => {
      const api = new ExampleApi();
      const reply = await api.ask("PATCH", "/settings", body);
      expect(reply).toMatchObject({ status: 400, kind: "text" });
      expect(reply.body).toStartWith(
        `Nothing was stored, because of body:${at}: ${key === "" ? "" : `${key}: `}`,
      );
      expect(reply.body).toContain("; accepted: ");
      expect(await api.ask("GET", "/tx/list")).toEqual(json([]));
    });
  }

  it("reports every problem of a body at once, and stores nothing of it", async () => {
    const api = new ExampleApi();
    const reply = await api.ask(
      "PATCH",
      "/settings",
      '{"motd":5,\n"nope":1,\n"updates":{"seed":"x","ignore-waves":true}}',
    );
    expect(reply.status).toBe(400);
    const lines = reply.body.split("\n");
    expect(lines[0]).toBe("Nothing was stored, because of 3 problems:");
    expect(lines.slice(1).map((line) => line.split(": ").slice(0, 2).join(" "))).toEqual([
      "body:1:9 settings.motd",
      "body:2:1 settings.nope",
      "body:3:19 settings.updates.seed",
    ]);
    expect(api.pending.size).toBe(0);
  });

  const types: [contentType: string | undefined, status: number][] = [
    ["application/json", 204],
    ["Application/JSON; charset=utf-8", 204],
    ["application/merge-patch+json", 204],
    ["text/plain", 400],
    ["application/jsonx", 400],
    ["", 400],
  ];
  for (const [contentType, status] of types) {
    it(`api Check 12: answers ${status} to the content type ${JSON.stringify(contentType)}`, async () => {
      const api = new ExampleApi();
      expect((await api.ask("PATCH", "/settings", '{"motd":"x"}', contentType)).status).toBe(status);
      expect(api.pending.size).toBe(status === 204 ? 1 : 0);
    });
  }

  it("answers 500 with the reason and what to do when the store cannot be written, and reading goes on", async () => {
    const api = new ExampleApi(some);
    api.broken = new Failure(
      "store/disk-full",
      {},
      "There is no space left to write x.json",
      "Free some space",
    );
    expect(await api.ask("PATCH", "/settings", '{"motd":"x"}')).toEqual({
      ...text(
        500,
        'Storing settings in transaction "default" failed: There is no space left to write x.json. Free some space',
      ),
      code: "store/disk-full",
    });
    expect((await api.ask("GET", "/settings")).status).toBe(200);
  });
});
