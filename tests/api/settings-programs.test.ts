/** The restart commands that read settings from the API: the real executable, the real server, programs in place of systemd's. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "bun:test";
import { mkdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { exampleVariantText } from "../../host/api/testing.ts";
import { commonNames, organization, units } from "../../host/platform/trust/testing.ts";
import { type Ended, type RunOptions, TestRoot } from "./support/root.ts";
import { RunningServer } from "./support/server.ts";

const programs = [
  "bootstrap-containers",
  "certdog",
  "ecs-settings-applier",
  "host-containers",
  "static-pods",
];
const store = "etc/pki/tls/certs/ca-bundle.crt";
const source = "usr/share/factory/etc/pki/tls/certs/ca-bundle.crt";
const shipped = `# Company Root, first\n${commonNames}\n# Unit One\n${units}\n`;

const recordCommand = 'echo "systemctl $*" >>/run/commands';

let root: TestRoot;
let server: RunningServer;

beforeAll(async () => {
  root = await TestRoot.make();
  const groups = ["motd", "pki", "host-containers", "bootstrap-containers"];
  const variant = { ...JSON.parse(exampleVariantText), groups, settings: {}, metadata: {}, services: {} };
  await writeFile(root.at("usr/lib/pinwheel/variant.json"), JSON.stringify(variant));
  for (const name of programs) await symlink("pinwheel-host", root.at("usr/bin", name));
  await put(source, shipped);
  await root.script("usr/bin/systemctl", recordCommand);
  server = await RunningServer.start(root);
}, 300_000);

afterAll(async () => {
  await server?.end();
  await root?.remove();
});

beforeEach(() => rm(root.at("run/commands"), { force: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(root.at(path)), { recursive: true });
  await writeFile(root.at(path), text);
}

async function setLive(settings: object): Promise<void> {
  const patched = await server.ask("PATCH", "/settings?tx=test", JSON.stringify(settings));
  expect([patched.status, patched.body]).toEqual([204, ""]);
  expect((await server.ask("POST", "/tx/commit?tx=test")).status).toBe(200);
}

/** Runs a program as the applier does at boot: without the JIT. */
const start = (name: string, args: readonly string[] = [], options: RunOptions = {}): Promise<Ended> =>
  root.run([`/usr/bin/${name}`, ...args], { ...options, env: { BUN_JSC_useJIT: "0", ...options.env } });
const commands = async () => (await root.text("run/commands")).split("\n").filter((line) => line !== "");
const encoded = (pem: string) => Buffer.from(pem).toString("base64");

describe("without settings", () => {
  it("the containers' programs write nothing and ask systemd nothing", async () => {
    for (const words of [["host-containers"], ["bootstrap-containers", "create-containers"]]) {
      const [name = "", ...args] = words;
      expect(await start(name, args)).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
    }
    expect(await commands()).toEqual([]);
  });
  it("certdog keeps the copy of the image's bundle", async () => {
    await put(store, shipped);
    const { ino } = await stat(root.at(store));
    expect(await start("certdog")).toMatchObject({ exitCode: 0, stderr: "" });
    expect((await stat(root.at(store))).ino).toBe(ino);
  });
  it("static-pods and ecs-settings-applier do nothing where their orchestrator is not", async () => {
    for (const name of ["static-pods", "ecs-settings-applier"]) {
      expect(await start(name)).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
    }
  });
});

describe("certdog", () => {
  it("rendered-config Check 42: leaves out what is distrusted, adds what is trusted, and names each", async () => {
    await put(store, shipped);
    await setLive({
      pki: { company: { data: encoded(organization), trusted: true }, bad: { data: encoded(units) } },
    });
    expect(await start("certdog")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await root.text(store)).toBe(
      `# Company Root, first\n${commonNames}\n# Nur Ämter GmbH\n${organization}\n`,
    );
  });
  it("with a source that is not there ends with 1 and leaves the store", async () => {
    await put(store, "as it was");
    const ended = await start("certdog", ["--source-bundle", "/none.crt"]);
    expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
    expect(ended.stderr).toContain("cannot be read: /none.crt: there is no such file");
    expect(await root.text(store)).toBe("as it was");
  });
});

describe("host containers", () => {
  const image = "r.example/a:1";
  const unit = (name: string) => `host-containers@${name}.service`;

  it("that are enabled fail with the unit that the image lacks; their files are there", async () => {
    await setLive({ "host-containers": { admin: { source: image, enabled: true, "user-data": "aGk=" } } });
    const ended = await start("host-containers");
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toContain(
      "Failed to set up 1 of 1 host containers: admin: unit host-containers@admin.service is not part of this image: running host containers is not built yet",
    );
    expect(await root.text("etc/host-containers/admin.env")).toStartWith(
      `CTR_SUPERPOWERED=false\nCTR_SOURCE=${image}\n`,
    );
    expect(await root.text("local/host-containers/admin/user-data")).toBe("hi");
    expect(await commands()).toEqual([]);
  });
  it("containers Check 5: are enabled and started when a change touches them, and only then", async () => {
    await put("usr/lib/systemd/system/host-containers@.service", "");
    await put("usr/lib/systemd/system/multi-user.target", "");
    await symlink("multi-user.target", root.at("usr/lib/systemd/system/default.target"));
    await setLive({ "host-containers": { admin2: { source: image, enabled: true } } });
    const env = {
      CHANGED_SETTINGS: "settings.host-containers.admin2.enabled settings.host-containers.x.source",
    };
    expect(await start("host-containers", [], { env })).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await commands()).toEqual([`systemctl enable ${unit("admin2")} --now --no-block`]);
  });
  it("that fail are told and counted, and the others are done", async () => {
    await root.script(
      "usr/bin/systemctl",
      'case "$*" in *@admin.*) echo "No such luck" >&2; exit 1;; esac; echo "systemctl $*" >>/run/commands',
    );
    const ended = await start("host-containers");
    await root.script("usr/bin/systemctl", recordCommand);
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toContain(
      `Failed to set up 1 of 2 host containers: admin: systemctl enable ${unit("admin")} --now --no-block: exit code 1: No such luck`,
    );
    expect(await commands()).toEqual([`systemctl enable ${unit("admin2")} --now --no-block`]);
  });
  it("that are unset are stopped and forgotten, with their user data", async () => {
    await put(`etc/systemd/system/multi-user.target.wants/${unit("admin")}`, "");
    const members = ["source", "enabled", "user-data"];
    const keys = members.map((member) => `settings.host-containers.admin.${member}`);
    expect((await server.ask("DELETE", `/settings?tx=test&keys=${keys}`)).status).toBe(200);
    expect((await server.ask("POST", "/tx/commit?tx=test")).status).toBe(200);
    const env = { CHANGED_SETTINGS: keys.join(" ") };
    expect(await start("host-containers", [], { env })).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await commands()).toEqual([
      `systemctl stop ${unit("admin")}`,
      `systemctl disable ${unit("admin")} --now --no-block`,
    ]);
    expect(await root.text("etc/host-containers/admin.env")).toBe("");
    expect(await root.text("local/host-containers/admin/user-data")).toBe("");
  });
});

describe("bootstrap containers", () => {
  const unit = "bootstrap-containers@prepare.service";

  it("containers Check 8: are enabled for the next boot", async () => {
    await put("usr/lib/systemd/system/bootstrap-containers@.service", "");
    const prepare = { source: "r.example/a:1", mode: "once", essential: true };
    await setLive({ "bootstrap-containers": { prepare } });
    const ended = await start("bootstrap-containers", ["create-containers"]);
    expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await root.text(`etc/systemd/system/${unit}.d/overrides.conf`)).toBe(
      "[Install]\nRequiredBy=configured.target\n",
    );
    expect(await root.text("etc/bootstrap-containers/prepare.env")).toBe(
      "CTR_SOURCE=r.example/a:1\nCTR_MODE=once\n",
    );
    // That it asks for a job is to find out whether this boot still waits; here there is none.
    expect(await commands()).toEqual([
      `systemctl enable ${unit} --no-reload`,
      "systemctl show --property=Job --value configured.target",
    ]);
  });
  it("containers Checks 10 and 12: one that has run once is off afterwards, which is applied", async () => {
    const { body: pending } = await server.ask("GET", "/tx/list");
    const words = ["mark-bootstrap", "--container-id", "prepare", "--mode", "once"];
    expect(await start("bootstrap-containers", words)).toMatchObject({ exitCode: 0, stderr: "" });
    const { body } = await server.ask("GET", "/settings?prefix=bootstrap-containers.");
    expect(JSON.parse(body)["bootstrap-containers"].prepare.mode).toBe("off");
    expect(await root.text("run/applier.stdin")).toBe('["settings.bootstrap-containers.prepare.mode"]');
    expect((await server.ask("GET", "/tx/list")).body).toBe(pending);
  });
  it("that is taken away while it runs does not come back when it has run, and leaves no files", async () => {
    await setLive({ "bootstrap-containers": { prepare: { mode: "once" } } });
    const keys = ["source", "mode", "essential"].map(
      (member) => `settings.bootstrap-containers.prepare.${member}`,
    );
    expect((await server.ask("DELETE", `/settings?tx=test&keys=${keys}`)).status).toBe(200);
    expect((await server.ask("POST", "/tx/commit?tx=test")).status).toBe(200);
    for (const words of [
      ["mark-bootstrap", "--container-id", "prepare", "--mode", "once"],
      ["create-containers"],
    ])
      expect(await start("bootstrap-containers", words)).toMatchObject({ exitCode: 0, stderr: "" });
    expect((await server.ask("GET", "/settings?prefix=bootstrap-containers.")).body).toBe("{}");
    expect(await root.text(`etc/systemd/system/${unit}.d/overrides.conf`)).toBe("");
    expect(await root.text("etc/bootstrap-containers/prepare.env")).toBe("");
  });
  it("containers Check 2: no other mode is taken, and the API is asked nothing", async () => {
    const words = ["mark-bootstrap", "--container-id", "prepare", "--mode", "sometimes"];
    expect((await start("bootstrap-containers", words)).exitCode).toBe(1);
    const settings = { "bootstrap-containers": { prepare: { mode: "sometimes" } } };
    expect((await server.ask("PATCH", "/settings?tx=test", JSON.stringify(settings))).status).toBe(400);
  });
});
