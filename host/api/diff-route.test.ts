import { describe, expect, it } from "bun:test";
import type { TransactionDiff } from "./diff-route.ts";
import { ExampleApi, json, some, text } from "./testing.ts";

const nothing = { settings: [], reboot: [], files: [], services: [], problems: [] };
const diffOf = async (api: ExampleApi): Promise<TransactionDiff> =>
  JSON.parse((await api.ask("GET", "/tx/diff?tx=t")).body);

describe("GET /tx/diff", () => {
  it("shows nothing for a transaction that does not exist, and renders nothing", async () => {
    const api = new ExampleApi(some);
    expect(await api.ask("GET", "/tx/diff?tx=t")).toEqual(json(nothing));
    expect(api.previewed).toEqual([]);
  });

  it("shows old and new value of what changes, null for what is not set, and leaves out what stays", async () => {
    const api = new ExampleApi(some);
    const body = '{"motd":"new","ntp":{"time-servers":["192.0.2.7"]},"updates":{"seed":3}}';
    await api.ask("PATCH", "/settings?tx=t", body);
    api.pending.set("t", new Map([...(api.pending.get("t") ?? []), ["settings.kernel.lockdown", null]]));
    expect((await diffOf(api)).settings).toEqual([
      { key: "settings.kernel.lockdown", old: "none", new: null },
      { key: "settings.motd", old: "hello", new: "new" },
      { key: "settings.updates.seed", old: null, new: 3 },
    ]);
  });

  it("does not show secrets", async () => {
    const api = new ExampleApi({ ...some, "settings.network.https-proxy": "http://me:old@proxy.test" });
    await api.ask("PATCH", "/settings?tx=t", '{"network":{"https-proxy":"http://me:new@proxy.test"}}');
    const reply = await api.ask("GET", "/tx/diff?tx=t");
    expect(JSON.parse(reply.body).settings).toEqual([
      { key: "settings.network.https-proxy", old: "(secret)", new: "(secret)" },
    ]);
    expect(reply.body).not.toContain("proxy.test");
    await api.ask("DELETE", "/tx?tx=t");
    api.pending.set("t", new Map([["settings.network.https-proxy", null]]));
    expect((await diffOf(api)).settings).toEqual([
      { key: "settings.network.https-proxy", old: "(secret)", new: null },
    ]);
  });

  it("gives the program that renders all pending keys and the model as it would be after the commit", async () => {
    const api = new ExampleApi(some);
    await api.ask("PATCH", "/settings?tx=t", '{"motd":"new"}');
    api.pending.set("t", new Map([...(api.pending.get("t") ?? []), ["settings.kernel.lockdown", null]]));
    await api.ask("GET", "/tx/diff?tx=t");
    const { keys, model } = api.previewed[0] as { keys: string[]; model: object };
    expect(keys).toEqual(["settings.kernel.lockdown", "settings.motd"]);
    expect(model).toMatchObject({
      settings: { motd: "new", kernel: { sysctl: { "vm.max_map_count": "7" } } },
    });
    expect(JSON.stringify(model)).not.toContain("lockdown");
    await api.ask("POST", "/tx/commit?tx=t");
    expect(model).toEqual(JSON.parse((await api.ask("GET", "/")).body));
  });

  it("passes on what that program says of files and services", async () => {
    const api = new ExampleApi(some);
    const preview = {
      files: [{ name: "motd", path: "/etc/motd", change: "changed", diff: "a diff" }],
      services: [{ name: "motd", "restart-commands": ["x"] }],
      problems: [{ code: "apply/not-rendered", text: "It cannot be rendered", hint: "Do" }],
    };
    api.preview = JSON.stringify(preview);
    await api.ask("PATCH", "/settings?tx=t", '{"motd":"new"}');
    expect(await diffOf(api)).toMatchObject(preview);
  });

  it("shows rules that the commit would break before what cannot be rendered, all at once", async () => {
    const api = new ExampleApi(some);
    const problem = { code: "x", text: "y", hint: "z" };
    api.preview = JSON.stringify({ files: [], services: [], problems: [problem] });
    await api.ask("PATCH", "/settings?tx=t", '{"cloudformation":{"should-signal":true}}');
    const { problems } = await diffOf(api);
    expect(problems.at(-1)).toEqual(problem);
    expect(problems.slice(0, -1)).toEqual([
      {
        code: "settings/broken-rule",
        text: expect.stringContaining("settings.cloudformation.stack-name: it is empty"),
        hint: expect.stringContaining("Accepted: "),
      },
      {
        code: "settings/broken-rule",
        text: expect.stringContaining("settings.cloudformation.logical-resource-id: it is empty"),
        hint: expect.stringContaining("Accepted: "),
      },
    ]);
  });

  it("shows that no commit is taken while a trial runs", async () => {
    const api = new ExampleApi(some);
    await api.ask("PATCH", "/settings?tx=a", '{"updates":{"seed":3}}');
    expect((await api.ask("POST", "/tx/commit?tx=a&try=60")).status).toBe(200);
    await api.ask("PATCH", "/settings?tx=t", '{"motd":"new"}');
    const refusal = await api.ask("POST", "/tx/commit?tx=t");
    expect(refusal.status).toBe(409);
    expect((await diffOf(api)).problems).toEqual([{ code: "api/trial-runs", text: refusal.body, hint: "" }]);
  });

  it("shows what needs a reboot, and why", async () => {
    const api = new ExampleApi({ ...some, "settings.kernel.lockdown": "integrity" });
    await api.ask("PATCH", "/settings?tx=t", '{"motd":"new","kernel":{"lockdown":"none"}}');
    expect((await diffOf(api)).reboot).toEqual([
      { key: "settings.kernel.lockdown", why: expect.stringContaining("running kernel") },
    ]);
  });

  it("changes nothing", async () => {
    const api = new ExampleApi(some);
    await api.ask("PATCH", "/settings?tx=t", '{"motd":"new"}');
    const before = [api.live, new Map(api.pending)];
    await api.ask("GET", "/tx/diff?tx=t");
    expect([api.live, api.pending]).toEqual(before as [typeof api.live, typeof api.pending]);
    expect(api.started).toEqual([]);
  });

  it("answers 500 when the program that renders fails or prints something else", async () => {
    const api = new ExampleApi(some);
    await api.ask("PATCH", "/settings?tx=t", '{"motd":"new"}');
    const what = 'Comparing transaction "t" with what is live failed: ';
    api.preview = new Error("it was ended by signal SIGKILL");
    expect(await api.ask("GET", "/tx/diff?tx=t")).toEqual(text(500, `${what}it was ended by signal SIGKILL`));
    api.preview = '{"files":[]}';
    expect((await api.ask("GET", "/tx/diff?tx=t")).body).toStartWith(what);
  });

  it("tells as a problem that there would be no settings left to render", async () => {
    const api = new ExampleApi({ "settings.motd": "x" });
    api.pending.set("t", new Map([["settings.motd", null]]));
    const { problems } = await diffOf(api);
    expect(problems.map((problem) => problem.text)).toEqual([expect.stringContaining("No settings are set")]);
  });
});
