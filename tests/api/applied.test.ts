/** What the API and its client tell of a change once it is applied: with the real executable and applier. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "bun:test";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { exampleVariantText } from "../../host/api/testing.ts";
import { TestRoot } from "./support/root.ts";
import { RunningServer } from "./support/server.ts";

let root: TestRoot;
let server: RunningServer;

beforeAll(async () => {
  root = await TestRoot.make();
  const example = JSON.parse(exampleVariantText);
  const variant = {
    ...example,
    metadata: {
      settings: { motd: { "affected-services": ["motd"] }, dns: { "affected-services": ["dns"] } },
    },
    services: {
      motd: { "configuration-files": ["motd"], "restart-commands": ["/usr/bin/restart-motd"] },
      dns: { "configuration-files": ["servers-conf"], "restart-commands": [] },
    },
    "configuration-files": {
      motd: { path: "/etc/motd", "template-path": "/usr/share/templates/motd", format: "text" },
      "servers-conf": {
        path: "/etc/servers.conf",
        "template-path": "/usr/share/templates/servers-conf",
        format: "words",
      },
    },
  };
  await writeFile(root.at("usr/lib/pinwheel/variant.json"), JSON.stringify(variant));
  await mkdir(root.at("usr/share/templates"), { recursive: true });
  await writeFile(root.at("usr/share/templates/motd"), "{{ settings.motd }}\n");
  const servers = "{% for s in settings.dns.name-servers %}{{ s }}\n{% endfor %}";
  await writeFile(root.at("usr/share/templates/servers-conf"), servers);
  await rm(root.at("usr/bin/thar-be-settings"));
  await symlink("pinwheel-host", root.at("usr/bin/thar-be-settings"));
  server = await RunningServer.start(root);
}, 300_000);

afterAll(async () => {
  await rm(root.at("run/hang"), { force: true });
  await server?.end();
  await root?.remove();
});

// Hangs as long as there is a file that says so.
beforeEach(() => root.script("usr/bin/restart-motd", "while [ -e /run/hang ]; do sleep 0.05; done"));

const client = (...args: string[]) => root.run(["/usr/bin/apiclient", ...args]);
const commits = async (query = "") =>
  JSON.parse((await server.ask("GET", `/tx/applied${query}`)).body).commits;

/** The client on a terminal, where a person sees what it says. */
function onTerminal(...args: string[]) {
  let seen = "";
  const decoder = new TextDecoder();
  const child = Bun.spawn(root.command(["/usr/bin/apiclient", ...args]), {
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    terminal: {
      data: (_, bytes) => {
        seen += decoder.decode(bytes, { stream: true });
      },
    },
  });
  return {
    type: (text: string) => child.terminal?.write(text),
    ended: async () => ({ exitCode: await child.exited, seen: seen.replaceAll("\r\n", "\n") }),
  };
}

async function poll(what: string, until: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 30_000;
  while (!(await until())) {
    if (performance.now() > deadlineMs) throw new Error(`${what}: not within 30 s`);
    await Bun.sleep(20);
  }
}

async function commitMotd(motd: string): Promise<string> {
  await server.ask("PATCH", "/settings?tx=t", JSON.stringify({ motd }));
  const response = await fetch("http://localhost/tx/commit_and_apply?tx=t", {
    unix: server.socket,
    method: "POST",
  });
  expect(await response.json()).toEqual(["settings.motd"]);
  return response.headers.get("pinwheel-commit") ?? "";
}

describe("GET /tx/applied", () => {
  it("tells of a commit what was written and restarted, how long it took and that it is done", async () => {
    const id = await commitMotd("told");
    await poll("it is applied", async () => (await commits(`?id=${id}`))[0].state === "done");
    const [commit, ...more] = await commits(`?id=${id}`);
    expect(more).toEqual([]);
    expect(commit).toEqual({
      id,
      "committed-at": expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      keys: ["settings.motd"],
      state: "done",
      "duration-ms": expect.any(Number),
      files: ["/etc/motd"],
      "removed-files": [],
      services: [{ name: "motd", outcome: "done", "duration-ms": expect.any(Number) }],
      failures: [],
      warnings: [],
    });
    expect((await commits()).at(-1)).toEqual(commit);
  });

  it("tells of each of many quick commits, of which at least the last 32 are known", async () => {
    await writeFile(root.at("run/hang"), "");
    const ids: string[] = [];
    for (let count = 0; count < 40; count++) ids.push(await commitMotd(`quick ${count}`));
    const states = async () => {
      const all: { id: string; state: string }[] = await commits();
      return all.filter(({ id }) => ids.includes(id)).map(({ state }) => state);
    };
    expect(await states()).toContain("waiting");
    await poll("one is being applied", async () => (await states()).includes("applying"));
    await rm(root.at("run/hang"));
    await poll("all are applied", async () => (await states()).every((state) => state === "done"));
    const told: { id: string }[] = await commits();
    expect(told.length).toBeGreaterThanOrEqual(40);
    expect(told.slice(-40).map(({ id }) => id)).toEqual(ids);
  }, 60_000);

  it("knows no other commits", async () => {
    expect((await server.ask("GET", "/tx/applied?id=none")).status).toBe(404);
  });
});

describe("apiclient set", () => {
  it("is done at once and says nothing without a terminal, as the reference is", async () => {
    await writeFile(root.at("run/hang"), "");
    expect(await client("set", "motd=silent")).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
    await rm(root.at("run/hang"));
    await poll("it is applied", async () => (await commits()).at(-1).state === "done");
  });

  it("--wait shows on stderr what was written and restarted, and ends when it is", async () => {
    const ended = await client("set", "--wait", "motd=waited for");
    expect(ended).toMatchObject({ exitCode: 0, stdout: "" });
    expect(ended.stderr).toMatch(/^wrote \/etc\/motd\nrestarted motd \(\d+\.\d s\)\napplied in \d+\.\d s\n$/);
    expect(await root.text("etc/motd")).toBe("waited for\n");
  });

  it("--wait exits 1 if a restart fails, tells why, and that the settings are committed", async () => {
    await root.script("usr/bin/restart-motd", "echo no way >&2; exit 3");
    const ended = await client("set", "motd=not restarted", "--wait");
    expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
    expect(ended.stderr).toContain("wrote /etc/motd\ncould not restart motd (");
    expect(ended.stderr).toContain(
      "The settings are committed, but not everything could be applied:\n  The restart command of service motd failed: /usr/bin/restart-motd: exit code 3: no way. See the journal",
    );
    expect(JSON.parse(await root.live()).leaves["settings.motd"]).toBe("not restarted");
  });

  it("waits by itself on a terminal", async () => {
    const { exitCode, seen } = await onTerminal("set", "motd=seen").ended();
    expect(seen).toMatch(/^wrote \/etc\/motd\nrestarted motd \(\d+\.\d s\)\napplied in \d+\.\d s\n$/);
    expect(exitCode).toBe(0);
  });

  it("--no-wait does not wait on a terminal either", async () => {
    await writeFile(root.at("run/hang"), "");
    expect(await onTerminal("set", "motd=unseen", "--no-wait").ended()).toEqual({ exitCode: 0, seen: "" });
    await rm(root.at("run/hang"));
    await poll("it is applied", async () => (await commits()).at(-1).state === "done");
  });

  it("Ctrl-C ends only the waiting, and says so", async () => {
    await writeFile(root.at("run/hang"), "");
    const waiting = onTerminal("set", "motd=interrupted");
    await poll("it is being applied", async () => (await root.text("etc/motd")) === "interrupted\n");
    waiting.type("\x03");
    const { exitCode, seen } = await waiting.ended();
    expect(seen).toContain(
      "Interrupted: the settings are committed, and applying them goes on; apiclient get",
    );
    expect(exitCode).toBe(1);
    await rm(root.at("run/hang"));
    await poll("it goes on", async () => (await commits()).at(-1).state === "done");
  });
});

describe("apiclient apply and unset", () => {
  it("wait too, and a file goes with the setting that it needs", async () => {
    const source = '[settings.dns]\nname-servers = ["192.0.2.53"]\n';
    const set = await root.run(["/usr/bin/apiclient", "apply", "--wait"], { stdin: source });
    expect(set.stderr).toContain("wrote /etc/servers.conf\n");
    expect(await root.text("etc/servers.conf")).toBe("192.0.2.53\n");
    const unset = await client("unset", "--wait", "dns.name-servers");
    expect(unset).toMatchObject({ exitCode: 0, stdout: "" });
    expect(unset.stderr).toContain("removed /etc/servers.conf\n");
    expect(await Bun.file(root.at("etc/servers.conf")).exists()).toBe(false);
  });
});
