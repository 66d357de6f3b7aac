/** Whether a boot counts as good, through the real programs: health checks, giving an update up, what is told of it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "bun:test";
import { mkdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import type { HostStatus } from "../../host/api/index.ts";
import { exampleVariantText } from "../../host/api/testing.ts";
import { bootAttributes, makeHost, startFrom } from "../../host/update/testing.ts";
import { eventually } from "./support/eventually.ts";
import { RELEASE, TestRoot } from "./support/root.ts";
import { RunningServer } from "./support/server.ts";
import { Systemd } from "./support/systemd.ts";

const SET_A = [4, 5];
const SET_B = [9, 10];
const ON_TRIAL = [0x0101_0000_0000_0000n, 0x0002_0000_0000_0000n];
const MARKED_GOOD = [0x0101_0000_0000_0000n, 0x0102_0000_0000_0000n];
const ATTEMPT = { version: "1.11.1", from: "1.11.0", time: "2026-02-01T12:00:00.000Z" };
const RECORDS = "var/lib/bottlerocket/update";
const DOWN = "LoadState=loaded\nActiveState=failed\nSubState=failed";
const STARTING = "LoadState=loaded\nActiveState=activating\nSubState=start";

// The disk of the host in place of the machine's devices.
const OWN_DEVICES = 'umount -l "$R/dev"; >>"$R/dev/null"; mount --bind /dev/null "$R/dev/null"';

let root: TestRoot;
let server: RunningServer;
let systemd: Systemd;
let device: bigint;

beforeAll(async () => {
  root = await TestRoot.make(exampleVariantText);
  systemd = await Systemd.in(root, ["apiserver.service"]);
  await root.runsCommandsHere();
  for (const name of ["mark-boot-if-healthy", "settle-update", "fall-back-if-unproven"]) {
    await symlink("pinwheel-host", root.at("usr/bin", name));
  }
  device = (await stat(root.path, { bigint: true })).dev;
  server = await RunningServer.start(root, { mounts: OWN_DEVICES });
  await server.ask("POST", "/tx/commit?tx=bottlerocket-launch");
}, 300_000);
afterAll(async () => {
  await server?.end();
  await root?.remove();
});

/** An update on trial in set B, activated by the version before. */
beforeEach(async () => {
  for (const name of [RECORDS, "run/reboots", "run/shown", "run/units", "run/failed.units", "run/pinwheel"]) {
    await rm(root.at(name), { recursive: true, force: true });
  }
  await mkdir(root.at("run/units"));
  await mkdir(root.at("run/pinwheel"));
  await writeFile(root.at("run/pinwheel/boot-report.json"), '{"steps":[]}');
  await makeHost(root.path, "1/0/1", "2/0/0", SET_B, device);
  await writeFile(root.at("usr/lib/os-release"), RELEASE);
  await mkdir(root.at(RECORDS));
  await writeFile(root.at(RECORDS, "attempt.json"), JSON.stringify(ATTEMPT));
});

const run = (program: string) => root.run([`/usr/bin/${program}`], { mounts: OWN_DEVICES });
const record = async (name: string): Promise<unknown> => JSON.parse(await root.text(`${RECORDS}/${name}`));
const status = async () => JSON.parse((await server.ask("GET", "/status")).body) as HostStatus;
const client = (...args: string[]) => root.run(["/usr/bin/apiclient", ...args]);

async function ask(health: object): Promise<void> {
  await server.ask("DELETE", "/settings?tx=health&keys=settings.updates.health");
  await server.ask("PATCH", "/settings?tx=health", JSON.stringify({ updates: { health } }));
  expect((await server.ask("POST", "/tx/commit?tx=health")).status).toBe(200);
}

describe("an update on trial", () => {
  it("is marked good when its units are active and its commands succeed; nothing remembers it then", async () => {
    await ask({
      units: ["kubelet.service"],
      "container-checks": { agent: { container: "admin", command: ["/bin/sh", "-c", "exit 0"] } },
    });
    expect(await run("mark-boot-if-healthy")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await bootAttributes(root.path)).toEqual(MARKED_GOOD);
    expect(await root.text(`${RECORDS}/attempt.json`)).toBe("");
    expect(await root.text("run/reboots")).toBe("");
    expect((await status()).findings).toEqual([]);
  });

  it("is given up when they do not; the version before refuses it, tells why everywhere, and how to take it", async () => {
    await ask({
      units: ["kubelet.service"],
      "container-checks": {
        agent: { container: "admin", command: ["/bin/sh", "-c", "echo not ready >&2; exit 3"] },
      },
      "time-limit": "1s",
    });
    await systemd.unit("kubelet.service", DOWN);
    const reason =
      "within 1 s these health checks did not hold: kubelet.service is failed; check agent in container admin: exit code 3: not ready";
    const judged = await run("mark-boot-if-healthy");
    expect(judged.exitCode).toBe(1);
    expect(judged.stderr).toContain(
      `[ERROR] Version 1.11.1 was started on trial and is not good: ${reason}. Rebooting into set A\n`,
    );
    expect(await root.text("run/reboots")).toBe("reboot\n");
    expect(await bootAttributes(root.path)).toEqual(ON_TRIAL);
    expect(await record("failed-trial.json")).toMatchObject({ version: "1.11.1", reason });

    await startFrom(root.path, SET_A, device);
    await writeFile(root.at("usr/lib/os-release"), RELEASE.replaceAll("1.11.1", "1.11.0"));
    const settled = await run("settle-update");
    expect(settled.exitCode).toBe(0);
    expect(settled.stderr).toContain(
      `[ERROR] The update to 1.11.1 failed, and 1.11.0 runs again: ${reason}. It is not taken again by itself; apiclient update apply --retry takes it\n`,
    );
    expect(await record("refused.json")).toMatchObject([{ version: "1.11.1", reason }]);
    expect(await root.text(`${RECORDS}/attempt.json`)).toBe("");
    const told = (await status()).findings.filter(({ about }) => about === "updates");
    expect(told).toEqual([
      {
        kind: "advice",
        about: "updates",
        text: expect.stringMatching(
          /^The update to 1\.11\.1 failed at .* and is not taken again by itself: /,
        ),
        hint: "apiclient update apply --retry takes it",
      },
    ]);
    expect(told[0]?.text).toEndWith(reason);
    for (const command of ["status", "doctor"]) {
      expect((await client(command)).stdout).toContain(`is not taken again by itself: ${reason}`);
    }
  });

  it("is given up by a command that hangs, which does not live on", async () => {
    await rm(root.at("run/ctr.arguments"), { force: true });
    await ask({
      "container-checks": { agent: { container: "admin", command: ["/bin/sleep", "1000"] } },
      "time-limit": "1s",
    });
    expect((await run("mark-boot-if-healthy")).stderr).toContain(
      "check agent in container admin: did not end within 1 s. Rebooting into set A",
    );
    const [exec, kill, remove] = (await root.text("run/ctr.arguments")).split("\n");
    const id = /--exec-id (check-\S+) admin \/bin\/sleep 1000$/.exec(exec ?? "")?.[1];
    expect(kill).toEndWith(` task kill --exec-id ${id} --signal SIGKILL admin`);
    expect(remove).toEndWith(` task delete --exec-id ${id} admin`);
  });

  it("that nobody marked good ends with what failed, when the timer of the boot has run out", async () => {
    await writeFile(root.at("run/failed.units"), "kubelet.service loaded failed failed Kubelet\n");
    const ended = await run("fall-back-if-unproven");
    expect(ended.exitCode).toBe(0);
    const reason = /it was not marked good in \d+ (?:minutes|seconds); failed units: kubelet\.service/;
    expect(ended.stderr).toMatch(reason);
    expect(await record("failed-trial.json")).toMatchObject({ reason: expect.stringMatching(reason) });
    expect(await root.text("run/reboots")).toBe("reboot\n");
  });

  it("is left to its health checks by the timer while they run", async () => {
    await systemd.unit("mark-successful-boot.service", STARTING);
    const ended = run("fall-back-if-unproven");
    const asked = async () => (await root.text("run/shown")) === "mark-successful-boot.service\n";
    await eventually("systemd is asked about the health checks", asked);
    expect(await root.text("run/reboots")).toBe("");
    await ask({});
    await run("mark-boot-if-healthy");
    await systemd.unit("mark-successful-boot.service", DOWN);
    expect(await ended).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("Set B stays: it is marked as good"),
    });
    expect(await root.text("run/reboots")).toBe("");
  });
});

describe("a set that was good before", () => {
  it("stays whatever its checks say, and is unhealthy until they hold", async () => {
    await makeHost(root.path, "1/0/1", "0/0/0", SET_A, device);
    await ask({ units: ["kubelet.service"], "time-limit": "1s" });
    await systemd.unit("kubelet.service", DOWN);
    expect((await run("mark-boot-if-healthy")).exitCode).toBe(0);
    expect(await root.text("run/reboots")).toBe("");
    expect(await status()).toMatchObject({
      healthy: false,
      findings: [
        {
          kind: "problem",
          about: "health",
          text: "When this host started, a health check did not hold: kubelet.service is failed",
        },
      ],
    });
    expect(await client("status")).toMatchObject({ exitCode: 1, stderr: "Not healthy: 1 problem\n" });

    await rm(root.at("run/units/kubelet.service"));
    expect((await run("mark-boot-if-healthy")).exitCode).toBe(0);
    expect((await status()).healthy).toBe(true);
  });
});
