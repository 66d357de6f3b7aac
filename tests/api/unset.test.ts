/** Settings that are taken back, from the client to the files that are rendered, with the real programs. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "bun:test";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { exampleVariantText } from "../../host/api/testing.ts";
import { TestRoot } from "./support/root.ts";
import { RunningServer } from "./support/server.ts";

let root: TestRoot;
let server: RunningServer;

beforeAll(async () => {
  root = await TestRoot.make();
  const variant = JSON.parse(exampleVariantText);
  variant.metadata.settings.updates.seed = { "setting-generator": "/usr/bin/make-seed" };
  await writeFile(root.at("usr/lib/pinwheel/variant.json"), JSON.stringify(variant));
  await mkdir(root.at("usr/share/templates"), { recursive: true });
  await mkdir(root.at("etc"), { recursive: true });
  await writeFile(root.at("usr/share/templates/motd.txt"), "{{ settings.motd }}\n");
  await writeFile(
    root.at("usr/share/templates/chrony.conf"),
    "{% if settings.ntp %}{% for server in settings.ntp.time-servers %}pool {{ server }}\n{% endfor %}{% endif %}rtcsync\n",
  );
  await rm(root.at("usr/bin/thar-be-settings"));
  for (const name of ["sundog", "thar-be-settings"]) await symlink("pinwheel-host", root.at("usr/bin", name));
  for (const path of ["bin/systemctl", "usr/bin/systemctl"]) {
    await root.script(path, '[ "$1" = is-failed ] && exit 1; echo "$*" >>/run/commands');
  }
  server = await RunningServer.start(root);
  await server.ask("POST", "/tx/commit?tx=bottlerocket-launch");
}, 300_000);
afterAll(async () => {
  await server?.end();
  await root?.remove();
});
beforeEach(() => root.script("usr/bin/make-seed", "echo 7"));

const client = (...args: string[]) => root.run(["/usr/bin/apiclient", ...args]);
const live = async (key: string) => JSON.parse(await root.live()).leaves[key] as unknown;

async function poll(until: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 30_000;
  while (!(await until())) {
    if (performance.now() > deadlineMs) throw new Error("it did not happen within 30 s");
    await Bun.sleep(20);
  }
}

describe("apiclient unset", () => {
  it("brings a default back, and the file that shows it", async () => {
    await client("set", "motd=mine");
    await poll(async () => (await root.text("etc/motd")) === "mine\n");
    expect(await client("unset", "motd")).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
    expect(await live("settings.motd")).toBe("Welcome");
    await poll(async () => (await root.text("etc/motd")) === "Welcome\n");
  });

  it("removes what has no default: the file is without it, and its service is restarted", async () => {
    await client("set", 'ntp.time-servers=["192.0.2.7"]');
    await poll(async () => (await root.text("etc/chrony.conf")) === "pool 192.0.2.7\nrtcsync\n");
    // The restart comes after the file, and must not be taken for that of the removal.
    await poll(async () => (await root.text("run/commands")).includes("chronyd"));
    await rm(root.at("run/commands"), { force: true });
    expect(await client("unset", "settings.ntp")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await live("settings.ntp.time-servers")).toBeUndefined();
    await poll(async () => (await root.text("etc/chrony.conf")) === "rtcsync\n");
    await poll(async () => (await root.text("run/commands")) !== "");
    expect(await root.text("run/commands")).toBe("try-restart chronyd\n");
  });

  it("generates a value anew", async () => {
    await client("set", "updates.seed=12");
    expect(await client("unset", "updates.seed")).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
    expect(await live("settings.updates.seed")).toBe(7);
  });

  it("removes a setting whose generator fails, and tells that the next boot generates it", async () => {
    await client("set", "updates.seed=12");
    await root.script("usr/bin/make-seed", "echo no network >&2; exit 1");
    const ended = await client("unset", "updates.seed");
    expect(ended).toMatchObject({ exitCode: 0, stdout: "" });
    expect(ended.stderr).toMatch(
      /\[WARN\] No value was generated for settings\.updates\.seed: .*generated at the next boot\n$/,
    );
    expect(await live("settings.updates.seed")).toBeUndefined();
    expect(server.printed).toContain("/usr/bin/make-seed: settings.updates.seed: exit code 1: no network");
  });

  it("says when there is nothing to change", async () => {
    const ended = await client("unset", "motd");
    expect(ended).toMatchObject({ exitCode: 0, stdout: "" });
    expect(ended.stderr).toContain("Nothing to change: ");
    expect((await server.ask("GET", "/tx/list")).body).toBe("[]");
  });

  it("refuses what the model does not know before anything is sent, with what is near", async () => {
    const ended = await client("-s", "/run/none.sock", "unset", "motd", "ntp.time-server");
    expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
    expect(ended.stderr).toBe(
      'Nothing was changed, because of:\n  settings.ntp.time-server: unknown name "time-server" (did you mean "time-servers"?); accepted: one of time-servers\n',
    );
  });

  it("leaves no transaction behind when nothing is set at or below a key", async () => {
    const ended = await client("unset", "motd", "dns");
    expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
    expect(ended.stderr).toContain("404 Not Found: Nothing is set at or below settings.dns");
    expect((await server.ask("GET", "/tx/list")).body).toBe("[]");
  });
});

it("a generator that takes its time holds up nobody else", async () => {
  await client("set", "updates.seed=12");
  await root.script("usr/bin/make-seed", "while [ ! -e /run/go ]; do sleep 0.05; done; echo 8");
  const answer = server.ask("DELETE", "/settings?tx=slow&keys=settings.updates.seed");
  for (let read = 0; read < 20; read++) expect((await server.ask("GET", "/settings")).status).toBe(200);
  expect((await server.ask("GET", "/tx?tx=slow")).body).toBe("{}");
  await writeFile(root.at("run/go"), "");
  expect(await answer).toEqual({ status: 200, body: '["settings.updates.seed"]' });
  expect((await server.ask("GET", "/tx?tx=slow")).body).toBe('{"updates":{"seed":8}}');
});

it("sundog --print prints what it could generate as JSON alone, whatever is live", async () => {
  const print = () => root.run(["/usr/bin/sundog", "--print", "settings.updates.seed,settings.motd"]);
  expect(await print()).toMatchObject({ exitCode: 0, stdout: '{"updates":{"seed":7}}\n', stderr: "" });
  await root.script("usr/bin/make-seed", "exit 3");
  const ended = await print();
  expect(ended).toMatchObject({ exitCode: 1, stdout: "{}\n" });
  expect(ended.stderr).toContain("/usr/bin/make-seed: settings.updates.seed: exit code 3");
});
