/** Who applies when changes come fast, and when the server or an applier is killed: with the real executable. */
import { afterAll, beforeAll, beforeEach, expect, it } from "bun:test";
import { mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { exampleVariantText } from "../../host/api/testing.ts";
import { TestRoot } from "./support/root.ts";
import { RunningServer } from "./support/server.ts";

let root: TestRoot;
let server: RunningServer;

beforeAll(async () => {
  root = await TestRoot.make();
  const services = {
    motd: { "configuration-files": ["motd"], "restart-commands": ["/usr/bin/restart-motd"] },
  };
  const files = { motd: { path: "/etc/motd", "template-path": "/usr/share/templates/motd", format: "text" } };
  const metadata = { settings: { motd: { "affected-services": ["motd"] } } };
  const variant = { ...JSON.parse(exampleVariantText), metadata, services, "configuration-files": files };
  await writeFile(root.at("usr/lib/pinwheel/variant.json"), JSON.stringify(variant));
  await mkdir(root.at("usr/share/templates"), { recursive: true });
  await writeFile(root.at("usr/share/templates/motd"), "{{ settings.motd }}\n");
  await rm(root.at("usr/bin/thar-be-settings"));
  await symlink("pinwheel-host", root.at("usr/bin/thar-be-settings"));
  // Leaves a line when it begins, and then hangs as long as there is a file that says so.
  await root.script(
    "usr/bin/restart-motd",
    'echo "$CHANGED_SETTINGS" >>/run/commands; while [ -e /run/hang ]; do sleep 0.05; done',
  );
  server = await RunningServer.start(root);
}, 300_000);

afterAll(async () => {
  await rm(root.at("run/hang"), { force: true });
  await server?.end();
  await root?.remove();
});

beforeEach(() => rm(root.at("run/commands"), { force: true }));

const setHang = () => writeFile(root.at("run/hang"), "");
const endHang = () => rm(root.at("run/hang"), { force: true });
const restarts = async () => (await root.text("run/commands")).split("\n").length - 1;
const toDo = () => readdir(root.at("run/pinwheel/apply-to-do"));

async function change(motd: string): Promise<void> {
  expect((await server.ask("PATCH", "/settings?tx=t", JSON.stringify({ motd }))).status).toBe(204);
  expect(await server.ask("POST", "/tx/commit_and_apply?tx=t")).toEqual({
    status: 200,
    body: '["settings.motd"]',
  });
}

/** The process ids of this root's appliers. */
async function appliers(): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    // A process may end while it is looked at; then it is no applier any more.
    const isOurs = (await readlink(`/proc/${name}/root`).catch(() => "")) === root.path;
    const words = isOurs ? await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "") : "";
    if (words.split("\0")[0]?.endsWith("thar-be-settings")) found.push(Number(name));
  }
  return found;
}

/** Waits until something is so; `what` is for the message. */
async function poll(what: string, until: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 30_000;
  while (!(await until())) {
    if (performance.now() > deadlineMs) throw new Error(`${what}: not within 30 s`);
    await Bun.sleep(20);
  }
}

const untilApplied = async (motd: string) => {
  await poll(`${motd} is applied`, async () => (await root.text("etc/motd")) === `${motd}\n`);
  await poll("nothing is left to do", async () => (await toDo()).length === 0);
  await poll("nobody applies any more", async () => (await appliers()).length === 0);
};

/** What the API tells of the commits, newest last. */
async function commitStates(): Promise<string[]> {
  const { commits } = JSON.parse((await server.ask("GET", "/tx/applied")).body);
  return commits.map(({ state }: { state: string }) => state);
}

/** What systemd does to a unit: the server and all that it has started. */
async function killAll(): Promise<void> {
  await server.end("SIGKILL");
  for (const pid of await appliers()) process.kill(pid, "SIGKILL");
}

it("fifty changes during a restart that hangs cost one applier that waits, and one more restart", async () => {
  await setHang();
  await change("first");
  await poll("the restart has begun", async () => (await restarts()) === 1);
  for (let count = 1; count <= 50; count++) await change(`number ${count}`);
  // All have been started: what is answered is started, and from here on there can only be fewer of them.
  await poll("the others have seen that somebody waits", async () => (await appliers()).length === 2);
  expect(await appliers()).toHaveLength(2);
  expect(await toDo()).toHaveLength(1);
  await endHang();
  await untilApplied("number 50");
  expect(await restarts()).toBe(2);
}, 60_000);

it("a change is applied by the next server when this one and its appliers are killed in the middle", async () => {
  await setHang();
  await change("in the middle");
  await poll("the restart has begun", async () => (await restarts()) === 1);
  await change("still waiting");
  await killAll();
  await endHang();
  expect(await root.text("etc/motd")).toBe("in the middle\n");
  server = await RunningServer.start(root);
  await untilApplied("still waiting");
  expect((await commitStates()).slice(-2)).toEqual(["done", "done"]);
  expect(await restarts()).toBe(2);
}, 60_000);

it("a change that was answered with 200 is applied, at whatever moment after that everything is killed", async () => {
  for (let round = 0; round < 12; round++) {
    await change(`round ${round}`);
    await Bun.sleep(round * 12);
    await killAll();
    server = await RunningServer.start(root);
    await untilApplied(`round ${round}`);
  }
}, 120_000);

it("an applier that is killed alone leaves its work to the next", async () => {
  await setHang();
  await change("killed");
  await poll("the restart has begun", async () => (await restarts()) === 1);
  for (const pid of await appliers()) process.kill(pid, "SIGKILL");
  await endHang();
  expect(await toDo()).toHaveLength(1);
  expect((await commitStates()).at(-1)).toBe("applying");
  await change("next");
  await untilApplied("next");
  expect((await commitStates()).slice(-2)).toEqual(["done", "done"]);
}, 60_000);

it("the report of the last change is there to read", async () => {
  await change("reported");
  await untilApplied("reported");
  const { status, body } = await server.ask("GET", "/apply/report");
  expect(status).toBe(200);
  expect(JSON.parse(body).runs).toMatchObject([
    {
      keys: ["settings.motd"],
      writtenPaths: ["/etc/motd"],
      restarts: [{ name: "motd", outcome: "done" }],
      failures: [],
    },
  ]);
});

it("thar-be-settings without --daemon is done when it ends, and its exit code tells how", async () => {
  await server.ask("PATCH", "/settings?tx=t", '{"motd":"by hand"}');
  await server.ask("POST", "/tx/commit?tx=t");
  const stdin = '["settings.motd"]';
  expect((await root.run(["/usr/bin/thar-be-settings"], { stdin })).exitCode).toBe(0);
  expect(await root.text("etc/motd")).toBe("by hand\n");
  await rm(root.at("usr/share/templates/motd"));
  expect((await root.run(["/usr/bin/thar-be-settings"], { stdin })).exitCode).toBe(1);
});
