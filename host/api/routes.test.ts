import { describe, expect, it } from "bun:test";
import { ExampleApi, json, noContent, nothingThere, some, text } from "./testing.ts";

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
    api.bootReport = { kind: "text", text: '{"steps":[]}' };
    expect(await api.ask("GET", "/boot/report")).toEqual(json({ steps: [] }));
    api.bootReport = { kind: "unreadable", why: "report.json: EISDIR" };
    expect(await api.ask("GET", "/boot/report")).toEqual(
      text(500, "The report cannot be read: report.json: EISDIR"),
    );
  });

  it("shows the report of the last change that was applied, or says that there is none", async () => {
    const api = new ExampleApi();
    expect(await api.ask("GET", "/apply/report")).toEqual(
      text(404, "There is no report yet: no change was applied since this boot began"),
    );
    api.lastReport = { runs: [] };
    expect(await api.ask("GET", "/apply/report")).toEqual(json({ runs: [] }));
  });

  for (const [method, path] of [
    ["POST", "/settings"],
    ["GET", "/settings/"],
    ["GET", "//settings"],
    ["GET", "/nope"],
    ["PUT", "/settings"],
    ["GET", "/tx/commit"],
    ["get", "/settings"],
  ] as const) {
    it(`api Check 15: ${method} ${path} is a 404 without a body`, async () => {
      expect(await new ExampleApi(some).ask(method, path)).toEqual(nothingThere);
    });
  }

  it("api Check 15: /exec wants GET and a handshake; both refusals have no body", async () => {
    const api = new ExampleApi(some);
    expect(await api.ask("POST", "/exec")).toEqual({ status: 405, kind: "empty", body: "" });
    expect(await api.ask("GET", "/exec")).toEqual({ status: 400, kind: "empty", body: "" });
  });
});
