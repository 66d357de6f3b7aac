import { afterAll, beforeAll, beforeEach, describe, expect, it } from "bun:test";
import { rm, writeFile } from "node:fs/promises";
import { TestRoot } from "./support/root.ts";
import { RunningServer } from "./support/server.ts";

let root: TestRoot;
let server: RunningServer;
beforeAll(async () => {
  root = await TestRoot.make();
  server = await RunningServer.start(root);
}, 300_000);
afterAll(async () => {
  await server?.end();
  await root?.remove();
});

const json = (value: unknown) => ({ status: 200, body: JSON.stringify(value) });
const noContent = { status: 204, body: "" };

describe("requests to the real server", () => {
  it("api Check 7: a store without live settings answers 404, and no pending settings; as storewolf left it, with the launch transaction", async () => {
    expect((await server.ask("GET", "/settings")).status).toBe(404);
    expect((await server.ask("GET", "/")).status).toBe(404);
    expect(await server.ask("GET", "/tx")).toEqual(json({}));
    expect(await server.ask("GET", "/tx/list")).toEqual(json(["bottlerocket-launch"]));
    expect(await server.ask("POST", "/tx/commit?tx=bottlerocket-launch")).toEqual(json(["settings.motd"]));
    expect(await server.ask("GET", "/tx/list")).toEqual(json([]));
  });

  it("api Checks 8 and 9, with documents instead of a file for each setting: a change is pending until it is committed", async () => {
    expect(await server.ask("PATCH", "/settings", '{"motd":"a b"}')).toEqual(noContent);
    expect(await root.text("/var/lib/bottlerocket/datastore/current/pending/default.json")).toContain(
      '"settings.motd":"a b"',
    );
    expect(await server.ask("GET", "/settings?keys=settings.motd")).toEqual(json({ motd: "Welcome" }));
    expect(await server.ask("GET", "/tx")).toEqual(json({ motd: "a b" }));
    expect(await server.ask("POST", "/tx/commit")).toEqual(json(["settings.motd"]));
    expect(JSON.parse(await root.live()).leaves).toEqual({ "settings.motd": "a b" });
    expect(await root.text("/var/lib/bottlerocket/datastore/current/pending/default.json")).toBe("");
    expect((await server.ask("POST", "/tx/commit")).status).toBe(422);
  });

  it("api Check 10, with a document instead of a directory: a transaction's name is encoded in its file name", async () => {
    await server.ask("PATCH", "/settings?tx=a%20b.c", '{"motd":"x"}');
    expect(await root.text("/var/lib/bottlerocket/datastore/current/pending/a%20b%2Ec.json")).not.toBe("");
    expect(await server.ask("GET", "/tx/list")).toEqual(json(["a b.c"]));
    expect(await server.ask("DELETE", "/tx?tx=a%20b.c")).toEqual(json(["settings.motd"]));
    expect(await server.ask("DELETE", "/tx?tx=a%20b.c")).toEqual(json([]));
  });

  it("api Check 11: a map key with a dot", async () => {
    const sysctl = 'settings.kernel.sysctl."vm.max_map_count"';
    await server.ask("PATCH", "/settings", '{"kernel":{"sysctl":{"vm.max_map_count":"7"}}}');
    expect(await server.ask("POST", "/tx/commit")).toEqual(json([sysctl]));
    expect(JSON.parse(await root.live()).leaves[sysctl]).toBe("7");
    expect(await server.ask("GET", `/settings?keys=${encodeURIComponent(sysctl)}`)).toEqual(
      json({ kernel: { sysctl: { "vm.max_map_count": "7" } } }),
    );
  });

  for (const body of ['{"settings":{"motd":"x"}}', '{"nope":1}', '{"motd":5}', '{"motd":']) {
    it(`api Check 12: refuses ${body} with text, and creates no transaction`, async () => {
      const answer = await server.ask("PATCH", "/settings", body);
      expect(answer.status).toBe(400);
      expect(answer.body).toMatch(/^Nothing was stored, because of body:1:\d+: .*; accepted: /);
      expect(await server.ask("GET", "/tx/list")).toEqual(json([]));
    });
  }

  it("api Check 12: refuses another content type", async () => {
    expect((await server.ask("PATCH", "/settings", '{"motd":"x"}', "text/plain")).status).toBe(400);
    expect(await server.ask("GET", "/tx/list")).toEqual(json([]));
  });

  it("api Check 14: takes 2 MiB, and answers 413 with both sizes to one byte more and to 3 MiB", async () => {
    const limit = 2_097_152;
    const filled = (length: number) => `{"motd":"x"}${" ".repeat(length - 12)}`;
    expect(await server.ask("PATCH", "/settings?tx=big", filled(limit))).toEqual(noContent);
    for (const length of [limit + 1, 3 * 1024 * 1024]) {
      expect(await server.ask("PATCH", "/settings?tx=bigger", filled(length))).toEqual({
        status: 413,
        body: `The body has ${length} bytes; accepted are up to ${limit}`,
      });
    }
    expect(await server.ask("GET", "/tx/list")).toEqual(json(["big"]));
    await server.ask("DELETE", "/tx?tx=big");
  });

  for (const [method, path] of [
    ["POST", "/settings"],
    ["GET", "/settings/"],
  ] as const) {
    it(`api Check 15: ${method} ${path} answers 404 without a body`, async () => {
      expect(await server.ask(method, path)).toEqual({ status: 404, body: "" });
    });
  }

  it("sends JSON as application/json, errors as text, and nothing with 204", async () => {
    const reply = (request: string) =>
      server.raw(`${request} HTTP/1.1\r\nHost: any\r\nConnection: close\r\n\r\n`);
    expect(await reply("GET /tx")).toMatch(/^HTTP\/1\.1 200 OK\r\nContent-Type: application\/json\r\n/);
    expect(await reply("GET /settings?keys=")).toMatch(/\r\nContent-Type: text\/plain; charset=utf-8\r\n/i);
    expect(await reply("DELETE /tx?tx=none")).toEndWith("\r\n\r\n[]");
  });

  it("reads /os from the release file on each request, with the architecture of the build", async () => {
    expect(await server.ask("GET", "/os")).toEqual(
      json({
        arch: "x86_64",
        build_id: "0123abcd",
        pretty_name: "Pinwheel OS 1.11.1",
        variant_id: "example",
        version_id: "1.11.1",
      }),
    );
    const release = await root.text("usr/lib/os-release");
    await writeFile(root.at("usr/lib/os-release"), release.replace("1.11.1\n", "one\n"));
    const answers = [await server.ask("GET", "/os"), await server.ask("GET", "/")];
    await writeFile(root.at("usr/lib/os-release"), release);
    const answer = {
      status: 500,
      body: 'Cannot tell the os: /usr/lib/os-release: its VERSION_ID is "one", which is not a version such as 1.11.1',
    };
    expect(answers).toEqual([answer, answer]);
  });

  it("shows the report of this boot once there is one", async () => {
    expect((await server.ask("GET", "/boot/report")).status).toBe(404);
    await Bun.write(root.at("run/pinwheel/boot-report.json"), '{"steps":[]}');
    expect(await server.ask("GET", "/boot/report")).toEqual(json({ steps: [] }));
  });
});

describe("starting the applier", () => {
  beforeEach(async () => {
    await rm(root.at("run/applier.exit"), { force: true });
    await server.ask("PATCH", "/settings", '{"motd":"applied","updates":{"seed":3}}');
  });

  it("api Check 21: hands exactly the committed keys to it on stdin", async () => {
    expect(await server.ask("POST", "/tx/commit_and_apply")).toEqual(
      json(["settings.motd", "settings.updates.seed"]),
    );
    expect(await root.text("run/applier.arguments")).toBe("--daemon\n");
    expect(await root.text("run/applier.stdin")).toBe('["settings.motd","settings.updates.seed"]');
  });

  it("api Check 21: answers 500 when its parent fails, and the commit stays", async () => {
    await writeFile(root.at("run/applier.exit"), "1");
    await server.ask("PATCH", "/settings", '{"motd":"stays"}');
    expect(await server.ask("POST", "/tx/commit_and_apply")).toEqual({
      status: 500,
      body:
        "The settings are committed, but applying them failed: " +
        "/usr/bin/thar-be-settings --daemon ended with exit code 1",
    });
    expect(await server.ask("GET", "/settings?keys=settings.motd")).toEqual(json({ motd: "stays" }));
  });

  it("api Check 21: applies everything, or the given keys", async () => {
    expect(await server.ask("POST", "/tx/apply")).toEqual(noContent);
    expect(await root.text("run/applier.arguments")).toBe("--daemon --all\n");
    expect(await server.ask("POST", "/tx/apply?keys=settings.motd,x")).toEqual(noContent);
    expect(await root.text("run/applier.stdin")).toBe('["settings.motd","x"]');
    expect((await server.ask("POST", "/tx/apply?keys=")).status).toBe(400);
  });

  it("waits for its parent only: what goes on in the background does not delay the answer", async () => {
    await root.script(
      "usr/bin/thar-be-settings",
      "exec 3<&0; (cat <&3 >/run/background; echo done >>/run/background) & exit 0",
    );
    const keys = Array.from({ length: 9000 }, (_, at) => `settings.a${at}`);
    expect(await server.ask("POST", `/tx/apply?keys=${keys.slice(0, 900).join(",")}`)).toEqual(noContent);
    while (!(await root.text("run/background")).endsWith("done\n")) await Bun.sleep(5);
    expect((await root.text("run/background")).length).toBeGreaterThan(900 * 12);
  });

  it("answers 500 when it cannot be started", async () => {
    await rm(root.at("usr/bin/thar-be-settings"));
    const answer = await server.ask("POST", "/tx/apply");
    expect(answer.status).toBe(500);
    expect(answer.body).toStartWith("Applying settings failed: ");
  });

  it("reboots with shutdown -r now, and passes on why that failed", async () => {
    expect(await server.ask("POST", "/actions/reboot")).toEqual(noContent);
    expect(await root.text("run/shutdown.arguments")).toBe("-r now\n");
    await root.script("sbin/shutdown", "echo not now >&2; exit 4");
    expect(await server.ask("POST", "/actions/reboot")).toEqual({
      status: 500,
      body: "Rebooting failed: /sbin/shutdown -r now ended with exit code 4: not now",
    });
  });
});
