/** What a change would do, shown without doing it: with the real executable, the product's services and templates. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "bun:test";
import { cp, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exampleVariantText } from "../../host/api/testing.ts";
import { TestRoot } from "./support/root.ts";
import { RunningServer } from "./support/server.ts";

const shared = join(import.meta.dir, "../../variants/shared");

let root: TestRoot;
let server: RunningServer;

beforeAll(async () => {
  root = await TestRoot.make();
  const base = Bun.TOML.parse(await readFile(join(shared, "defaults/base.toml"), "utf8")) as Record<
    string,
    object
  >;
  const example = JSON.parse(exampleVariantText);
  const variant = {
    ...example,
    groups: [...example.groups, "metrics"],
    services: base.services,
    "configuration-files": base["configuration-files"],
  };
  await writeFile(root.at("usr/lib/pinwheel/variant.json"), JSON.stringify(variant));
  await cp(join(shared, "templates"), root.at("usr/share/templates"), { recursive: true });
  await mkdir(root.at("etc"), { recursive: true });
  await rm(root.at("usr/bin/thar-be-settings"));
  await symlink("pinwheel-host", root.at("usr/bin/thar-be-settings"));
  for (const path of ["bin/systemctl", "usr/bin/systemctl", "usr/bin/corndog", "usr/bin/host-containers"]) {
    await root.script(path, '[ "$1" = is-failed ] && exit 1; echo "$0 $*" >>/run/commands');
  }
  server = await RunningServer.start(root);
  await server.ask("POST", "/tx/commit?tx=bottlerocket-launch");
  const settings = {
    motd: "Welcome",
    ntp: { "time-servers": ["old.test"] },
    network: { "https-proxy": "http://me:secret@proxy.test" },
    metrics: { "metrics-url": "https://metrics.test/", "send-metrics": false, "service-checks": [] },
    updates: {
      "metadata-base-url": "https://updates.test/m/",
      "targets-base-url": "https://updates.test/t/",
      "version-lock": "latest",
      "ignore-waves": false,
      seed: 7,
    },
  };
  const applied = await root.run(["/usr/bin/apiclient", "set", "--wait", "--json", JSON.stringify(settings)]);
  expect(applied).toMatchObject({ exitCode: 0 });
}, 300_000);

afterAll(async () => {
  await server?.end();
  await root?.remove();
});

const client = (...args: string[]) => root.run(["/usr/bin/apiclient", ...args]);

/** Contents and times of all files below /etc, the settings, open transactions, and commands that were run. */
async function state(): Promise<unknown> {
  const names = (await readdir(root.at("etc"), { recursive: true })).sort();
  const files = await Promise.all(
    names.map(async (name) => [
      name,
      (await stat(root.at("etc", name))).mtimeMs,
      await root.text(join("etc", name)),
    ]),
  );
  return [
    files,
    await root.live(),
    (await server.ask("GET", "/tx/list")).body,
    await root.text("run/commands"),
  ];
}

let before: unknown;
beforeEach(async () => {
  before = await state();
});
const expectNothingChanged = async () => {
  expect(await state()).toEqual(before);
  expect((await server.ask("GET", "/tx/list")).body).toBe("[]");
};

describe("apiclient set --dry-run", () => {
  it("shows both diffs of a motd and ntp change, and that chronyd would be restarted", async () => {
    const ended = await client("set", "--dry-run", "motd=new", 'ntp.time-servers=["new.test"]');
    expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
    expect(ended.stdout).toBe(`Settings that would change:
  settings.motd: "Welcome" -> "new"
  settings.ntp.time-servers: ["old.test"] -> ["new.test"]
Files that would change:
  /etc/chrony.conf: changed
--- /etc/chrony.conf
+++ /etc/chrony.conf
@@ -1,4 +1,4 @@
-pool old.test iburst
+pool new.test iburst
${(await root.text("etc/chrony.conf"))
  .split("\n")
  .slice(1, 4)
  .map((line) => ` ${line}\n`)
  .join("")}  /etc/motd: changed
--- /etc/motd
+++ /etc/motd
@@ -1,1 +1,1 @@
-Welcome
+new
Services that would be restarted:
  ntp: /bin/systemctl try-reload-or-restart chronyd.service
Reboot needed: none
Nothing was changed.
`);
    await expectNothingChanged();
  });

  it("--output json prints what the API answers", async () => {
    const ended = await client("set", "motd=new", "--dry-run", "--output", "json");
    expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
    const diff = JSON.parse(ended.stdout);
    expect(Object.keys(diff).sort()).toEqual(["files", "problems", "reboot", "services", "settings"]);
    expect(diff.settings).toEqual([{ key: "settings.motd", old: "Welcome", new: "new" }]);
    await expectNothingChanged();
  });

  it("shows no file and no service for a value that is set already", async () => {
    const ended = await client("set", "--dry-run", "motd=Welcome");
    expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
    expect(ended.stdout).toBe(
      "Settings that would change: none\nFiles that would change: none\nServices that would be restarted: none\nReboot needed: none\nNothing was changed.\n",
    );
    await expectNothingChanged();
  });

  it("shows neither secrets nor files that hold some", async () => {
    const ended = await client("set", "--dry-run", "network.https-proxy=http://me:other@proxy.test");
    expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
    expect(ended.stdout).toContain("settings.network.https-proxy: (secret) -> (secret)\n");
    expect(ended.stdout).toContain("/etc/updog.toml: changed; not shown, because it may hold secrets\n");
    for (const part of ["secret@", "other", "proxy.test"]) expect(ended.stdout).not.toContain(part);
    await expectNothingChanged();
  });

  it("shows what needs a reboot, and why", async () => {
    const ended = await client("set", "--dry-run", 'boot.kernel.console=["tty0"]');
    expect(ended.stdout).toContain(
      "Reboot needed:\n  settings.boot.kernel.console: Only the next boot is started with it.\n",
    );
    await expectNothingChanged();
  });

  it("exits 1 with all broken rules, and stores nothing", async () => {
    const ended = await client("set", "--dry-run", "cloudformation.should-signal=true", "motd=new");
    expect(ended.exitCode).toBe(1);
    expect(ended.stdout).toContain("+new\n");
    expect(ended.stderr).toStartWith("This change would not be accepted, or not be applied, because of:\n");
    expect(ended.stderr).toContain("settings.cloudformation.stack-name: ");
    expect(ended.stderr).toContain("settings.cloudformation.logical-resource-id: ");
    await expectNothingChanged();
  });

  it("exits 1 for a value that the model refuses", async () => {
    const ended = await client("set", "--dry-run", "updates.seed=-1");
    expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
    await expectNothingChanged();
  });

  it("exits 1 if a file could not be rendered, as applying would then do nothing", async () => {
    const template = root.at("usr/share/templates/motd");
    const good = await readFile(template, "utf8");
    await writeFile(template, "{{ settings.motd }} {{ settings.nope }}\n");
    const ended = await client("set", "--dry-run", "motd=new");
    await writeFile(template, good);
    expect(ended.exitCode).toBe(1);
    expect(ended.stdout).toContain("Files that would change: none\n");
    expect(ended.stderr).toContain("The template motd cannot be rendered: undefined variable: settings.nope");
    await expectNothingChanged();
  });
});

describe("other dry runs", () => {
  it("apiclient unset shows the default that would come back", async () => {
    await client("set", "--wait", "motd=mine");
    before = await state();
    const ended = await client("unset", "--dry-run", "motd");
    expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
    expect(ended.stdout).toContain('  settings.motd: "mine" -> "Welcome"\n');
    expect(ended.stdout).toContain("-mine\n+Welcome\n");
    await expectNothingChanged();
  });

  it("apiclient unset shows a file that would go with its setting", async () => {
    const ended = await client("unset", "--dry-run", "ntp.time-servers");
    expect(ended.stdout).toContain('  settings.ntp.time-servers: ["old.test"] -> not set\n');
    expect(ended.stdout).toContain("  /etc/chrony.conf: removed\n--- /etc/chrony.conf\n+++ /dev/null\n");
    await expectNothingChanged();
  });

  it("apiclient apply takes a document", async () => {
    const stdin = '[settings]\nmotd = "from a document"\n';
    const ended = await root.run(["/usr/bin/apiclient", "apply", "--dry-run"], { stdin });
    expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
    expect(ended.stdout).toContain("+from a document\n");
    await expectNothingChanged();
  });
});

describe("a dry run whose preview does not end", () => {
  beforeAll(async () => {
    await rm(root.at("usr/bin/thar-be-settings"));
    await writeFile(root.at("run/hang"), "");
    await root.script(
      "usr/bin/thar-be-settings",
      'echo "$*" >/run/preview; while [ -e /run/hang ]; do sleep 0.05; done; echo it broke >&2; exit 1',
    );
  });
  afterAll(async () => {
    await rm(root.at("run/hang"), { force: true });
    await rm(root.at("usr/bin/thar-be-settings"));
    await symlink("pinwheel-host", root.at("usr/bin/thar-be-settings"));
  });

  it("is ended by a signal, and leaves no transaction behind", async () => {
    const child = Bun.spawn(root.command(["/usr/bin/apiclient", "set", "--dry-run", "motd=new"]), {
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
      stdout: "pipe",
      stderr: "pipe",
    });
    while ((await root.text("run/preview")) === "") await Bun.sleep(20);
    child.kill("SIGTERM");
    expect(await new Response(child.stderr).text()).toBe("Interrupted by SIGTERM: nothing was changed\n");
    expect([await child.exited, await new Response(child.stdout).text()]).toEqual([1, ""]);
    await expectNothingChanged();
  });

  it("fails with what the program said, once that ends", async () => {
    await rm(root.at("run/hang"));
    const ended = await client("set", "--dry-run", "motd=new");
    expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
    expect(ended.stderr).toContain("was answered with 500 Internal Server Error: Comparing transaction ");
    expect(ended.stderr).toContain("ended with exit code 1: it broke");
    await expectNothingChanged();
  });
});

it("previews hold up no other request, and not the server's memory", async () => {
  await server.ask("PATCH", "/settings?tx=many", '{"motd":"new"}');
  const previews = Array.from({ length: 5 }, () => server.ask("GET", "/tx/diff?tx=many"));
  const other = server.ask("GET", "/os").then(() => "another request");
  expect(await Promise.race([other, ...previews.map((preview) => preview.then(() => "a preview"))])).toBe(
    "another request",
  );
  expect((await Promise.all(previews)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  // What would take too long and hold too much is refused, and the server goes on.
  const flood = Array.from({ length: 40 }, () => server.ask("GET", "/tx/diff?tx=many"));
  const statuses = (await Promise.all(flood)).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([200, 503]));
  expect((await server.ask("GET", "/tx/diff?tx=many")).status).toBe(200);
  await server.ask("DELETE", "/tx?tx=many");
});
