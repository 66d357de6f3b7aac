import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { existsSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { TestRoot } from "./support/root.ts";
import { RunningServer } from "./support/server.ts";

let root: TestRoot;
beforeAll(async () => {
  root = await TestRoot.make();
}, 300_000);
afterAll(() => root?.remove());

const STORE = ["--datastore-path", "/var/lib/bottlerocket/datastore/current"];
const usage = /Usage: apiserver \[OPTIONS\]\n\n {2}--datastore-path PATH/;

describe("starting apiserver", () => {
  const wrong: [what: string, args: string[], says: string][] = [
    ["api Check 5: without --datastore-path", [], "option --datastore-path is required"],
    ["with an unknown option", [...STORE, "--no-color"], "unknown option --no-color"],
    ["with a bad group", [...STORE, "--socket-gid", "api"], '--socket-gid is "api"'],
    ["with a bad level", [...STORE, "--log-level", "loud"], '--log-level is "loud"'],
    ["with an option that lacks its value", ["--datastore-path"], "option --datastore-path needs a value"],
    ["with a stray word", [...STORE, "now"], 'unknown argument "now"'],
  ];
  for (const [what, args, says] of wrong) {
    it(`${what} prints usage on stderr and exits 2`, async () => {
      const ended = await root.run(["/usr/bin/apiserver", ...args]);
      expect(ended).toMatchObject({ exitCode: 2, stdout: "" });
      expect(ended.stderr).toContain(says);
      expect(ended.stderr).toMatch(usage);
    });
  }

  it("prints its usage on stdout for --help and exits 0", async () => {
    const ended = await root.run(["/usr/bin/apiserver", "--help"]);
    expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
    expect(ended.stdout).toMatch(usage);
  });

  it("api Check 5: exits 1 without a store, says so, and leaves no socket", async () => {
    const ended = await root.run(["/usr/bin/apiserver", "--datastore-path", "/var/nothing"]);
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toContain("There is no data store at /var/nothing; storewolf makes it");
    expect(existsSync(root.at("run/api.sock"))).toBe(false);
  });

  it("exits 1 and says why when the socket cannot be made", async () => {
    const ended = await root.run(["/usr/bin/apiserver", ...STORE, "--socket-path", "/nowhere/api.sock"]);
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toContain("Cannot create the socket /nowhere/api.sock");
  });

  it("api Check 6: replaces a stale file, and reports readiness only when mode and group are right", async () => {
    writeFileSync(root.at("run/api.sock"), "stale");
    await root.script(
      "usr/bin/systemd-notify",
      'stat -c "%F %a %g" /run/api.sock >/run/notified; echo "$NOTIFY_SOCKET $*" >>/run/notified',
    );
    const server = await RunningServer.start(root, { env: { NOTIFY_SOCKET: "/run/systemd/notify" } });
    expect(await root.text("run/notified")).toBe("socket 660 274\n/run/systemd/notify --ready --no-block\n");
    expect(await server.end()).toBe(0);
    expect(existsSync(root.at("run/api.sock"))).toBe(false);
  });

  it("does not hand the readiness socket on to the applier", async () => {
    await root.script("usr/bin/thar-be-settings", 'echo "socket: $NOTIFY_SOCKET" >/run/applier.environment');
    const server = await RunningServer.start(root, { env: { NOTIFY_SOCKET: "/run/systemd/notify" } });
    expect((await server.ask("POST", "/tx/apply")).status).toBe(204);
    expect(await root.text("run/applier.environment")).toBe("socket: \n");
    await server.end();
  });

  it("exits 1 when readiness cannot be reported", async () => {
    await root.script("usr/bin/systemd-notify", "echo no such manager >&2; exit 1");
    const ended = await root.run(["/usr/bin/apiserver", ...STORE], {
      env: { NOTIFY_SOCKET: "/run/systemd/notify" },
    });
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toContain("Cannot report readiness: systemd-notify ended with 1: no such manager");
  });

  it("never shows a socket with other permissions, however often it starts", async () => {
    for (let round = 0; round < 5; round++) {
      const starting = RunningServer.start(root, { args: [...STORE, "--socket-gid", "274"] });
      const seen = new Set<string>();
      let running: RunningServer | undefined;
      void starting.then((server) => {
        running = server;
      });
      while (running === undefined) {
        try {
          const { mode, gid } = statSync(root.at("run/api.sock"));
          seen.add(`${(mode & 0o777).toString(8)} ${gid}`);
        } catch {
          // Not there yet.
        }
        await Bun.sleep(0);
      }
      seen.add("660 274");
      expect([...seen]).toEqual(["660 274"]);
      await running.end();
    }
  });
});

it("containers 9.3: the socket itself is in a directory if one is named, and a link to it where it is looked for", async () => {
  const args = [...STORE, "--socket-directory", "/run/api", "--socket-gid", "274"];
  for (const round of ["first", "restarted"]) {
    const running = await RunningServer.start(root, { args });
    expect([round, readlinkSync(root.at("run/api.sock"))]).toEqual([round, "api/api.sock"]);
    const { mode, gid } = statSync(root.at("run/api/api.sock"));
    expect([(mode & 0o777).toString(8), gid]).toEqual(["660", 274]);
    expect((await running.ask("GET", "/tx/list")).status).toBe(200);
    await running.end();
    expect(existsSync(root.at("run/api/api.sock"))).toBe(false);
  }
});
