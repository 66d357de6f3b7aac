import { describe, expect, it } from "bun:test";
import { Failure } from "../linux/failure.ts";
import type { Json } from "../settings/index.ts";
import { ExampleApi } from "./testing.ts";

const json = (value: unknown) => ({ status: 200, kind: "json", body: JSON.stringify(value) }) as const;
const text = (status: number, body: string) => ({ status, kind: "text", body }) as const;
const noContent = { status: 204, kind: "empty", body: "" } as const;
const nothingThere = { status: 404, kind: "empty", body: "" } as const;

const some = {
  "settings.motd": "hello",
  "settings.ntp.time-servers": ["192.0.2.7"],
  "settings.kernel.lockdown": "none",
  'settings.kernel.sysctl."vm.max_map_count"': "7",
};

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

describe("transaction names", () => {
  for (const [method, path] of [
    ["PATCH", "/settings"],
    ["GET", "/tx"],
    ["DELETE", "/tx"],
    ["POST", "/tx/commit"],
    ["POST", "/tx/commit_and_apply"],
  ] as const) {
    it(`${method} ${path} refuses the empty name, where the reference mistakes it for all transactions`, async () => {
      const api = new ExampleApi();
      await api.ask("PATCH", "/settings?tx=other", '{"motd":"x"}');
      const reply = await api.ask(method, `${path}?tx=`, '{"motd":"x"}');
      expect(reply.status).toBe(400);
      expect(reply.body).toBe(
        'The parameter tx cannot name a transaction: it is empty; without tx the transaction is "default"',
      );
      expect([...api.pending.keys()]).toEqual(["other"]);
    });
  }

  it("are limited to what a file name holds: 250 encoded bytes are taken, 251 refused", async () => {
    const api = new ExampleApi();
    expect((await api.ask("PATCH", `/settings?tx=${"a".repeat(250)}`, '{"motd":"x"}')).status).toBe(204);
    expect((await api.ask("PATCH", `/settings?tx=${"a".repeat(251)}`, '{"motd":"x"}')).status).toBe(400);
    expect((await api.ask("PATCH", `/settings?tx=${"%C3%A9".repeat(42)}`, '{"motd":"x"}')).status).toBe(400);
  });
});

describe("a commit that would break a rule between settings", () => {
  const signal = '{"motd":"x","cloudformation":{"should-signal":true,"stack-name":"web"}}';
  const refusal = text(
    400,
    "Nothing was committed, because of:\nsettings.cloudformation.logical-resource-id: it is empty, but should-signal is true; accepted: the name that the signal is for, or should-signal = false",
  );
  for (const route of ["/tx/commit?tx=t", "/tx/commit_and_apply?tx=t"]) {
    it(`is refused as a whole, and can be mended and tried again: ${route}`, async () => {
      const api = new ExampleApi();
      await api.ask("PATCH", "/settings?tx=t", signal);
      expect(await api.ask("POST", route)).toEqual(refusal);
      expect([api.live.size, api.started.length]).toEqual([0, 0]);
      await api.ask("PATCH", "/settings?tx=t", '{"cloudformation":{"logical-resource-id":"nodes"}}');
      expect((await api.ask("POST", route)).status).toBe(200);
    });
  }

  it("counts what is live already", async () => {
    const api = new ExampleApi({ "settings.cloudformation.logical-resource-id": "nodes" });
    await api.ask("PATCH", "/settings", signal);
    expect((await api.ask("POST", "/tx/commit")).status).toBe(200);
  });
});

describe("applying", () => {
  it("api Check 21: starts the applier with the committed keys", async () => {
    const api = new ExampleApi();
    await api.ask("PATCH", "/settings?tx=t", '{"motd":"x","updates":{"seed":3}}');
    expect(await api.ask("POST", "/tx/commit_and_apply?tx=t")).toEqual(
      json(["settings.motd", "settings.updates.seed"]),
    );
    expect(api.started).toEqual([{ keys: ["settings.motd", "settings.updates.seed"] }]);
    expect((await api.ask("POST", "/tx/commit_and_apply?tx=t")).status).toBe(422);
  });

  it("starts it for everything, or for the given keys unchecked", async () => {
    const api = new ExampleApi();
    expect(await api.ask("POST", "/tx/apply")).toEqual(noContent);
    expect(await api.ask("POST", "/tx/apply?keys=settings.motd,what!")).toEqual(noContent);
    for (const keys of ["", "settings.motd,", ",settings.motd"]) {
      expect((await api.ask("POST", `/tx/apply?keys=${keys}`)).status).toBe(400);
    }
    expect(api.started).toEqual(["all", { keys: ["settings.motd", "what!"] }]);
  });

  it("applies a commit that the disk did not confirm, and then tells of the disk", async () => {
    const api = new ExampleApi();
    api.notSynced = true;
    await api.ask("PATCH", "/settings?tx=t", '{"motd":"x"}');
    expect(await api.ask("POST", "/tx/commit_and_apply?tx=t")).toEqual({
      ...text(
        500,
        'Making sure of the commit of transaction "t" failed: The disk did not confirm it. Look at the disk',
      ),
      code: "store/not-synced",
    });
    expect(api.started).toEqual([{ keys: ["settings.motd"] }]);
    await api.ask("PATCH", "/settings?tx=t", '{"motd":"y"}');
    expect((await api.ask("POST", "/tx/commit?tx=t")).status).toBe(500);
    expect(api.started).toHaveLength(1);
  });

  it("answers 500 when the applier fails", async () => {
    const api = new ExampleApi();
    api.broken = new Error("thar-be-settings ended with exit code 1");
    expect(await api.ask("POST", "/tx/apply")).toEqual(
      text(500, "Applying settings failed: thar-be-settings ended with exit code 1"),
    );
  });
});

describe("GET /", () => {
  const names = async (uri: string) =>
    Object.keys(JSON.parse((await new ExampleApi(some).ask("GET", uri)).body));

  it("shows the four sections in alphabetical order", async () => {
    expect(await names("/")).toEqual(["configuration-files", "os", "services", "settings"]);
  });

  const table: [prefix: string, sections: string[]][] = [
    ["se", ["services", "settings"]],
    ["os.", ["os"]],
    ["os.zz", ["os"]],
    ["zzz", []],
    ["settings.ntp", ["settings"]],
    ["settings.zzz", []],
    ["services.nt", ["services"]],
  ];
  for (const [prefix, sections] of table) {
    it(`api Check 17: prefix=${prefix} shows ${sections.join(", ") || "nothing"}`, async () => {
      expect(await names(`/?prefix=${prefix}`)).toEqual(sections);
    });
  }

  it("api Check 17: an os prefix without a match leaves an empty os, the others five keys", async () => {
    const api = new ExampleApi(some);
    expect(await api.ask("GET", "/?prefix=os.zz")).toEqual(json({ os: {} }));
    expect(Object.keys(JSON.parse((await api.ask("GET", "/?prefix=os.")).body).os)).toHaveLength(5);
  });

  it("refuses a prefix that takes half of an entry, where the reference answers 500", async () => {
    expect(await new ExampleApi(some).ask("GET", "/?prefix=services.ntp.restart")).toEqual(
      text(
        400,
        "The prefix takes only a part of services.ntp; an entry is shown whole, so end the prefix at its name or before",
      ),
    );
  });

  it("answers 500 with the reason when the release file cannot be read", async () => {
    const api = new ExampleApi(some);
    api.osProblem = "/usr/lib/os-release: it has no BUILD_ID";
    const reply = text(500, "Cannot tell the os: /usr/lib/os-release: it has no BUILD_ID");
    expect(await api.ask("GET", "/")).toEqual(reply);
    expect(await api.ask("GET", "/os")).toEqual(reply);
    expect((await api.ask("GET", "/?prefix=settings")).status).toBe(200);
  });
});

describe("GET /os", () => {
  it("api Check 18: prefix=v shows variant and version only", async () => {
    const api = new ExampleApi();
    expect(await api.ask("GET", "/os?prefix=v")).toEqual(
      json({ variant_id: "example", version_id: "1.11.1" }),
    );
    expect(await api.ask("GET", "/os?prefix=os.arch")).toEqual(json({ arch: "x86_64" }));
    expect(await api.ask("GET", "/os?prefix=zz")).toEqual(json({}));
    expect((await api.ask("GET", "/os?prefix=")).status).toBe(400);
  });
});

describe("GET /metadata", () => {
  it("api Check 19: a key inherits the services of what it lies in, the most specific ones only", async () => {
    const api = new ExampleApi();
    const sysctl = 'settings.kernel.sysctl."vm.max_map_count"';
    expect(await api.ask("GET", `/metadata/affected-services?keys=${encodeURIComponent(sysctl)}`)).toEqual(
      json({ [sysctl]: ["sysctl"] }),
    );
    expect(
      await api.ask("GET", "/metadata/affected-services?keys=settings.network.hostname,settings.zzz"),
    ).toEqual(json({ "settings.network.hostname": ["hostname", "hosts"] }));
  });

  it("api Check 19: affected-services and templates need keys", async () => {
    for (const path of ["/metadata/affected-services", "/metadata/templates"]) {
      expect(await new ExampleApi().ask("GET", path)).toEqual(
        text(400, "The parameter keys is missing; this request needs it"),
      );
      expect((await new ExampleApi().ask("GET", `${path}?keys=`)).status).toBe(400);
      expect((await new ExampleApi().ask("GET", `${path}?keys=a..b`)).status).toBe(400);
    }
  });

  it("answers templates by the requested text", async () => {
    const key = "settings.updates.metadata-base-url";
    expect(await new ExampleApi().ask("GET", `/metadata/templates?keys=${key}`)).toEqual(
      json({ [key]: "https://updates.test/{{ os.arch }}/" }),
    );
  });

  it("lists every setting with a generator", async () => {
    const reply = await new ExampleApi().ask("GET", "/metadata/setting-generators");
    expect(JSON.parse(reply.body)).toMatchObject({ "settings.updates.seed": "bork seed" });
  });
});

describe("GET /services and /configuration-files", () => {
  const api = new ExampleApi();
  it("api Check 20: shows exactly the named entries, or none of them", async () => {
    expect(await api.ask("GET", "/services?names=ntp")).toEqual(
      json({
        ntp: {
          "configuration-files": ["chrony-conf"],
          "restart-commands": ["/bin/systemctl try-restart chronyd"],
        },
      }),
    );
    expect(await api.ask("GET", "/services?names=ntp,missing")).toEqual(
      text(404, "services.missing is not defined"),
    );
    expect(await api.ask("GET", "/configuration-files?names=motd")).toEqual(
      json({ motd: { path: "/etc/motd", "template-path": "/usr/share/templates/motd.txt" } }),
    );
  });

  it("answers 404 for the beginning of a name and 400 for an empty one, where the reference answers 500", async () => {
    expect(await api.ask("GET", "/services?names=host")).toEqual(text(404, "services.host is not defined"));
    expect((await api.ask("GET", "/services?names=ntp,,motd")).status).toBe(400);
    expect((await api.ask("GET", "/services?names=")).status).toBe(400);
  });

  it("shows what a prefix takes, with or without the section in front", async () => {
    for (const prefix of ["host", "services.host"]) {
      const reply = await api.ask("GET", `/services?prefix=${prefix}`);
      expect(Object.keys(JSON.parse(reply.body)).sort()).toEqual(["hostname", "hosts"]);
    }
    expect(await api.ask("GET", "/services?prefix=zz")).toEqual(json({}));
    expect((await api.ask("GET", "/services?prefix=ntp.restart-commands")).status).toBe(400);
    expect((await api.ask("GET", "/configuration-files?prefix=")).status).toBe(400);
  });
});

describe("other requests", () => {
  it("reboots", async () => {
    const api = new ExampleApi();
    expect(await api.ask("POST", "/actions/reboot")).toEqual(noContent);
    expect(api.started).toEqual(["reboot"]);
    api.broken = new Error("/sbin/shutdown -r now ended with exit code 1: no");
    expect(await api.ask("POST", "/actions/reboot")).toEqual(
      text(500, "Rebooting failed: /sbin/shutdown -r now ended with exit code 1: no"),
    );
  });

  it("shows what can be set, as a JSON Schema of the variant", async () => {
    const { status, kind, body } = await new ExampleApi().ask("GET", "/settings/schema");
    expect([status, kind]).toEqual([200, "json"]);
    expect(JSON.parse(body)).toMatchObject({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      title: "The settings of example",
      properties: { motd: { type: "string" }, kernel: { additionalProperties: false } },
    });
  });

  it("shows the report of this boot, or says that there is none", async () => {
    const api = new ExampleApi();
    expect((await api.ask("GET", "/boot/report")).status).toBe(404);
    api.bootReport = '{"steps":[]}';
    expect(await api.ask("GET", "/boot/report")).toEqual(json({ steps: [] }));
  });

  it("shows the report of the last change that was applied, or says that there is none", async () => {
    const api = new ExampleApi();
    expect(await api.ask("GET", "/apply/report")).toEqual(
      text(404, "There is no report yet: no change was applied since this boot began"),
    );
    api.applyReport = '{"runs":[]}';
    expect(await api.ask("GET", "/apply/report")).toEqual(json({ runs: [] }));
  });

  for (const [method, path] of [
    ["POST", "/settings"],
    ["GET", "/settings/"],
    ["GET", "//settings"],
    ["GET", "/nope"],
    ["DELETE", "/settings"],
    ["GET", "/tx/commit"],
    ["get", "/settings"],
  ] as const) {
    it(`api Check 15: ${method} ${path} is a 404 without a body`, async () => {
      expect(await new ExampleApi(some).ask(method, path)).toEqual(nothingThere);
    });
  }

  for (const [method, path] of [
    ["GET", "/exec"],
    ["POST", "/exec"],
    ["GET", "/updates/status"],
    ["POST", "/actions/refresh-updates"],
  ] as const) {
    it(`${method} ${path} is not offered: a 404, where api Checks 15, 22 and 23 have statuses of their own`, async () => {
      expect(await new ExampleApi(some).ask(method, path)).toEqual(nothingThere);
    });
  }
});
