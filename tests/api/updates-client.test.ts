/** apiclient update against the real server, dispatcher and disk, with an updog that is a script. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "bun:test";
import { existsSync } from "node:fs";
import { eventually } from "./support/eventually.ts";
import { ShellAtTerminal } from "./support/terminal.ts";
import { UpdateHost } from "./support/updates.ts";

let host: UpdateHost;
beforeAll(async () => {
  host = await UpdateHost.start();
}, 300_000);
afterAll(() => host?.stop());
beforeEach(async () => {
  await host.begin();
  await host.offers("1.12.0");
});

const update = (...args: string[]) => host.client("update", ...args);
const rebooted = () => existsSync(host.root.at("run/shutdown.arguments"));
/** The lines of a log without their times. */
const said = (stderr: string) => stderr.replace(/^\d\d:\d\d:\d\d /gm, "");

describe("apiclient update check", () => {
  it("shows the status with sorted names, whether or not there is an update", async () => {
    const found = await update("check");
    expect({ ...found, stdout: "" }).toEqual({ exitCode: 0, signal: null, stdout: "", stderr: "" });
    const shown = JSON.parse(found.stdout) as object;
    expect(shown).toEqual(await host.status());
    expect(Object.keys(shown)).toEqual(Object.keys(shown).sort());
    expect(shown).toMatchObject({ update_state: "Available" });
    await host.offers();
    const none = await update("check");
    expect(none.exitCode).toBe(0);
    expect(JSON.parse(none.stdout)).toMatchObject({ update_state: "Idle", chosen_update: null });
  });

  it("fails with updog's exit status, which is a number, and what it said", async () => {
    await host.updog("whats", "echo no route to host >&2; exit 3");
    expect(await update("check")).toMatchObject({
      exitCode: 1,
      stdout: "",
      stderr: "The update command refresh ended as Failed, exit status 3: no route to host\n",
    });
  });

  it("fails at once while another command runs, and asks for nothing", async () => {
    const letGo = await host.holdLock();
    try {
      const ended = await update("check");
      expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
      expect(ended.stderr).toContain(
        "GET /updates/status was answered with 423 Locked: An update command runs",
      );
    } finally {
      await letGo();
    }
    expect(await host.updogCalls()).toEqual([]);
  });

  it("is not misled by a command of another client that ends in between", async () => {
    await host.updogWaits("whats");
    const checking = update("check");
    await host.untilUpdogWaits();
    await host.go();
    // As soon as the lock is free, somebody else's command hides ours in the status.
    await eventually("the other command begins", async () => {
      return (await host.server.ask("POST", "/actions/prepare-update")).status === 204;
    });
    expect(await checking).toMatchObject({ exitCode: 0, stderr: "" });
    await host.ended();
  });
});

describe("apiclient update apply", () => {
  it("updates Check 30: in Idle it exits 1 and says what to do", async () => {
    const { exitCode, stdout, stderr } = await update("apply");
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toBe(
      "Cannot write the update: POST /actions/prepare-update was answered with 409 Conflict: prepare is not allowed while the update state is Idle: no update is known, look for one first: apiclient update check\n" +
        "If no list of updates is there yet: apiclient update check. If an update is applied already: apiclient reboot, or apiclient update cancel\n",
    );
  });

  it("updates Check 30: --check in Idle shows the status and exits 0", async () => {
    await host.offers();
    const ended = await update("apply", "--check");
    expect(ended.exitCode).toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject({ update_state: "Idle" });
    expect(said(ended.stderr)).toBe("[INFO] There is no update to apply\n");
    expect(await host.updogCalls()).toEqual(["whats --all --json"]);
  });

  it("writes and activates the chosen update, and says how to start it", async () => {
    await update("check");
    const ended = await update("apply");
    expect(ended).toMatchObject({ exitCode: 0, stdout: "" });
    expect(said(ended.stderr)).toBe(
      "[INFO] 1.12.0 is written and starts at the next boot; reboot to start it: apiclient reboot\n",
    );
    expect(await host.status()).toMatchObject({ update_state: "Ready" });
    expect(rebooted()).toBe(false);
  });

  it("updates Check 30: --check in Ready exits 0 and prepares nothing, nor does it reboot", async () => {
    await update("apply", "-c");
    const calls = (await host.updogCalls()).length;
    const ended = await update("apply", "--check", "--reboot");
    expect(ended.exitCode).toBe(0);
    expect(said(ended.stderr)).toStartWith("[INFO] An update is applied already and starts at the next boot");
    expect((await host.updogCalls()).slice(calls)).toEqual(["whats --all --json"]);
    expect(rebooted()).toBe(false);
  });

  it("--check --reboot looks, writes, activates and reboots", async () => {
    expect(await update("apply", "-c", "-r")).toMatchObject({ exitCode: 0 });
    expect(rebooted()).toBe(true);
  });

  it("fails with what updog said when the image cannot be written, and activates nothing", async () => {
    await update("check");
    await host.updog("update-image", "echo boom >&2; exit 1");
    const ended = await update("apply", "--reboot");
    expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
    expect(ended.stderr).toStartWith(
      "The update command prepare ended as Failed, exit status 1: boom\nIf no list",
    );
    expect((await host.updogCalls()).at(-1)).toStartWith("update-image");
    expect(rebooted()).toBe(false);
  });

  it("--retry takes a version that is refused", async () => {
    const refused = [{ version: "1.12.0", reason: "it hung", time: "2031-05-01T09:00:00Z" }];
    await Bun.write(host.root.at("var/lib/bottlerocket/update/refused.json"), JSON.stringify(refused));
    const without = await update("apply", "--check");
    expect(without.exitCode).toBe(0);
    expect(said(without.stderr)).toBe(
      "[INFO] 1.12.0 is not taken since 2031-05-01T09:00:00Z: it hung. To take it nevertheless: apiclient update apply --retry\n" +
        "[INFO] There is no update to apply\n",
    );
    expect(await update("apply", "--retry")).toMatchObject({ exitCode: 0 });
    expect(await host.status()).toMatchObject({
      update_state: "Ready",
      chosen_update: { version: "1.12.0" },
    });
  });

  it("shows on a terminal a bar with bytes", async () => {
    await update("check");
    const told = '{"step":"images","image":"root","done":1572864,"total":4194304}';
    await host.updog(
      "update-image",
      `echo '${told}' >"$5"; while [ ! -e /run/updog/go ]; do sleep 0.02; done`,
    );
    const terminal = new ShellAtTerminal(
      host.command("/usr/bin/apiclient", "update", "apply"),
      process.env as Record<string, string>,
    );
    await terminal.type("", /1\.12\.0 root \[#{6} {10}\] 37 %, 1\.5 MiB of 4 MiB/);
    await host.go();
    await terminal.type("", /1\.12\.0 is written and starts at the next boot/);
    await terminal.close();
  });
});

describe("apiclient update cancel", () => {
  it("has the next boot start what runs now", async () => {
    await update("apply", "-c");
    const ended = await update("cancel");
    expect(ended).toMatchObject({ exitCode: 0, stdout: "" });
    expect(said(ended.stderr)).toBe(
      "[INFO] The next boot starts 1.11.1 again; to take the update after all: apiclient update apply\n",
    );
    expect(await host.status()).toMatchObject({ update_state: "Staged" });
  });

  it("updates Check 30: in Staged it exits 1", async () => {
    await update("check");
    await host.act("prepare-update");
    expect(await update("cancel")).toMatchObject({ exitCode: 1, stdout: "" });
  });
});

describe("apiclient update status", () => {
  const lines = async () => (await update("status")).stdout.split("\n").slice(0, -1);

  it("says what runs, that nobody has looked for updates, and what a rollback gives", async () => {
    expect(await lines()).toEqual([
      "running   1.11.1 (set A)",
      "update    not looked for since the host started: apiclient update check",
      "rollback  nothing: set B is empty",
    ]);
  });

  it("follows an update from the first look to its cancel", async () => {
    const updateLine = async () => (await lines())[1];
    await update("check");
    expect(await updateLine()).toBe("update    1.12.0 is available: apiclient update apply");
    await update("apply");
    expect(await updateLine()).toBe(
      "update    1.12.0 starts at the next boot: apiclient reboot, or take it back: apiclient update cancel",
    );
    await update("cancel");
    expect(await updateLine()).toBe(
      "update    1.12.0 is written, but not what the next boot starts: apiclient update apply",
    );
    expect((await lines())[2]).toBe("rollback  nothing: set B holds 1.12.0, which has not been started yet");
  });

  it("names the version that a rollback gives, once the new one has come up", async () => {
    await update("apply", "-c");
    await host.setFlags("1/0/1", "2/0/1");
    await host.restart();
    expect((await lines())[2]).toBe("rollback  1.12.0 (set B) starts at the next boot");
    await host.setFlags("2/0/1", "1/0/1");
    expect((await lines())[2]).toBe("rollback  1.12.0 (set B): signpost rollback-to-inactive, then reboot");
  });

  it("tells what failed last, and why", async () => {
    await host.updog("whats", "echo first >&2; echo no route to host >&2; exit 3");
    await update("check");
    expect((await lines()).at(-1)).toMatch(/^failed {4}refresh, \S+Z: no route to host$/);
  });

  it("tells of a command that runs, and shows everything with --output json", async () => {
    await host.updogWaits("whats");
    await host.server.ask("POST", "/actions/refresh-updates");
    await host.untilUpdogWaits();
    expect((await lines())[1]).toBe("now       looking for updates");
    const { stdout } = await update("status", "--output", "json");
    expect(JSON.parse(stdout)).toMatchObject({ running: { command: "refresh" } });
    await host.go();
    await host.ended();
  });
});

describe("the command line of apiclient update", () => {
  for (const args of [
    [],
    ["frobnicate"],
    ["check", "now"],
    ["check", "--reboot"],
    ["cancel", "-c"],
    ["apply", "--output", "json"],
    ["status", "--output", "xml"],
  ]) {
    it(`updates Check 30: ${JSON.stringify(args)} is answered with the usage and exit code 2`, async () => {
      const ended = await update(...args);
      expect(ended).toMatchObject({ exitCode: 2, stdout: "" });
      expect(ended.stderr).toContain("Usage: apiclient update check");
    });
  }

  it("a raw request tells the code behind the first word Status, as programs look for it", async () => {
    const letGo = await host.holdLock();
    const { exitCode, stderr } = await host.client("raw", "-u", "/actions/refresh-updates", "-m", "POST");
    await letGo();
    expect(exitCode).toBe(1);
    expect(/Status (\S+)/.exec(stderr)?.[1]).toBe("423");
    expect(stderr).toStartWith(
      "Cannot make the request: Status 423 when POSTing /actions/refresh-updates: Another",
    );
  });
});
