/** How a host is, through the real programs: a host that is well, and what is told of one that is not. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "bun:test";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import type { Diagnosis, HostStatus } from "../../host/api/index.ts";
import { exampleVariantText } from "../../host/api/testing.ts";
import { TestRoot } from "./support/root.ts";
import { RunningServer } from "./support/server.ts";
import { Systemd } from "./support/systemd.ts";

const REPORT = "run/pinwheel/boot-report.json";
const WELL = {
  steps: [{ name: "render", startedAtMs: 1, durationMs: 250, outcome: "done", summary: "", problems: [] }],
};
const FAILED = `Description=NTP
LoadState=loaded
ActiveState=failed
SubState=failed
Result=exit-code
ExecMainCode=1
ExecMainStatus=1
NRestarts=2
StateChangeTimestamp=@1769860800`;

let root: TestRoot;
let server: RunningServer;
let systemd: Systemd;
beforeAll(async () => {
  const variant = JSON.parse(exampleVariantText) as { readonly groups: readonly string[] };
  const groups = [...new Set([...variant.groups, "host-containers"])];
  root = await TestRoot.make(JSON.stringify({ ...variant, groups }));
  systemd = await Systemd.in(root, ["apiserver.service", "chronyd.service"]);
  await root.script("usr/bin/chronyc", "cat /run/tracking");
  server = await RunningServer.start(root);
  await server.ask("POST", "/tx/commit?tx=bottlerocket-launch");
}, 300_000);
afterAll(async () => {
  await server?.end();
  await root?.remove();
});
beforeEach(async () => {
  await mkdir(root.at("run/pinwheel"), { recursive: true });
  await writeFile(root.at(REPORT), JSON.stringify(WELL));
  await writeFile(
    root.at("run/tracking"),
    "C0000201,192.0.2.1,3,1769860800.1,0.1,0.1,0.1,0,0,0,0,0,64.1,Normal\n",
  );
  for (const name of ["run/units", "run/failed.units", "run/looks", "run/systemctl.seconds"]) {
    await rm(root.at(name), { recursive: true, force: true });
  }
  await mkdir(root.at("run/units"));
});

const client = (...args: string[]) => root.run(["/usr/bin/apiclient", ...args]);
const status = async () => JSON.parse((await server.ask("GET", "/status")).body) as HostStatus;
const doctor = async () => JSON.parse((await server.ask("GET", "/doctor")).body) as Diagnosis;
const texts = ({ findings }: HostStatus) => findings.map(({ kind, text }) => `${kind} ${text}`);

describe("a host that is well", () => {
  it("is healthy: its units run, it is configured, its clock is right", async () => {
    const found = await status();
    expect(found).toMatchObject({
      healthy: true,
      findings: [],
      containers: [],
      boot: { outcome: "done", "failed-steps": [] },
      "last-apply": null,
      sets: null,
      "clock-synchronised": true,
    });
    expect(found.units.map(({ name, state }) => [name, state])).toEqual([
      ["apiserver.service", "active"],
      ["chronyd.service", "active"],
    ]);
    expect(found.memory["available-bytes"]).toBeLessThanOrEqual(found.memory["total-bytes"]);
  });

  it("is shown with exit code 0, a line for each unit", async () => {
    const { exitCode, stdout, stderr } = await client("status");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const lines = stdout.split("\n");
    expect(lines[0]).toBe("healthy: nothing is wrong");
    expect(lines).toContain("apiserver.service  active (running)    since 2026-01-31T12:00:00Z");
    expect(lines).toContain("clock        synchronised");
  });

  it("is shown as the API tells it with --output json", async () => {
    const { exitCode, stdout } = await client("status", "--output", "json");
    expect(exitCode).toBe(0);
    const { memory, ...rest } = JSON.parse(stdout) as HostStatus;
    const { memory: _, ...expected } = await status();
    expect(rest).toEqual(expected);
    expect(memory["total-bytes"]).toBeGreaterThan(0);
  });

  it("gives the doctor nothing to find", async () => {
    expect(await doctor()).toMatchObject({
      healthy: true,
      registries: [],
      timeline: [
        { step: "kernel", "duration-ms": 2500 },
        { step: "user space: configuring: render", "duration-ms": 250 },
      ],
    });
    const { exitCode, stdout, stderr } = await client("doctor");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toBe(`Nothing found: all that was looked at is as it should be

How long this start of the host took:
      2.5 s  kernel
      0.3 s  user space: configuring: render
`);
  });
});

describe("a host that is not well", () => {
  const line = "chronyd.service failed 3 times, last with exit code 1: see apiclient logs chronyd";

  it("says of a unit how often and how it failed, first of all, and exits with 1", async () => {
    await systemd.unit("chronyd.service", FAILED);
    const { exitCode, stdout, stderr } = await client("status");
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "Not healthy: 1 problem\n" });
    const lines = stdout.split("\n");
    expect(lines.slice(0, 2)).toEqual([`problem ${line}`, "    try: apiclient logs chronyd --lines 50"]);
    expect(lines.find((each) => each.includes(".service  "))).toBe(
      "chronyd.service    failed (failed)   exit code 1, 2 restarts  since 2026-01-31T12:00:00Z",
    );
    expect(await client("doctor")).toMatchObject({ exitCode: 1, stderr: "Not healthy: 1 problem\n" });
  });

  it("tells of a unit that failed though it is none of the image", async () => {
    await writeFile(root.at("run/failed.units"), "other.service loaded failed failed Some other unit\n");
    await systemd.unit("other.service", FAILED);
    expect(texts(await status())).toEqual([
      "problem other.service failed 3 times, last with exit code 1: see apiclient logs other",
    ]);
  });

  it("tells of user data, of the clock, of a restart that is due and of a trial", async () => {
    const problem = {
      source: "user-data.toml",
      key: "settings.motd",
      problem: "found 5",
      accepted: "a string",
      fault: "given",
    };
    const step = { ...WELL.steps[0], name: "user-data", outcome: "failed", problems: [problem] };
    await writeFile(root.at(REPORT), JSON.stringify({ steps: [step] }));
    await writeFile(root.at("run/tracking"), "0,,0,0,0,0,0,0,0,0,1,1,0,Not synchronised\n");
    await writeFile(root.at("run/pinwheel/reboot-to-reconcile"), "");
    await server.ask("PATCH", "/settings?tx=t", '{"motd":"tried"}');
    await server.ask("POST", "/tx/commit?tx=t&try=600");
    const found = texts(await status());
    await server.ask("POST", "/tx/revert");
    await rm(root.at("run/pinwheel/reboot-to-reconcile"));
    expect(found.map((text) => text.replace(/in \d+ s$/, "in N s"))).toEqual([
      "problem user-data: user-data.toml: settings.motd: found 5; accepted: a string",
      "problem The clock is not synchronised",
      "advice Settings take effect only after a restart",
      "advice A trial of settings.motd runs; it is put back in N s",
    ]);
  });

  it("cannot be looked at without the list of its units, or without systemd", async () => {
    for (const [file, says] of [
      [
        "usr/lib/pinwheel/units.json",
        "/usr/lib/pinwheel/units.json, which names the units of this image, is missing",
      ],
      ["usr/bin/systemctl", "systemd cannot be asked for its units: systemctl "],
    ] as const) {
      await rename(root.at(file), root.at("usr/away"));
      const answers = [await server.ask("GET", "/status"), await server.ask("GET", "/doctor")];
      await rename(root.at("usr/away"), root.at(file));
      for (const answer of answers) {
        expect(answer.status).toBe(500);
        expect(answer.body).toStartWith("Looking at the host failed: look-at-host ended with exit code 1: ");
        expect(answer.body).toContain(says);
      }
    }
  });
});

describe("a container", () => {
  const unit = "host-containers@probe.service";
  const source = "r.example/probe:2";
  const image = { source: "r.example/probe:1", digest: `sha256:${"0a".repeat(32)}` };
  const record = (run: object) =>
    writeFile(root.at("run/host-containerd/runs/probe.json"), JSON.stringify(run));
  beforeAll(async () => {
    await mkdir(root.at("run/host-containerd/runs"), { recursive: true });
    await server.ask(
      "PATCH",
      "/settings?tx=probe",
      '{"host-containers":{"probe":{"source":"r.example/probe:2","enabled":true}}}',
    );
    expect((await server.ask("POST", "/tx/commit?tx=probe")).status).toBe(200);
  });
  afterAll(async () => {
    const removal = await server.ask("DELETE", "/settings?tx=gone&keys=settings.host-containers.probe");
    expect(removal.status).toBe(200);
    expect((await server.ask("POST", "/tx/commit?tx=gone")).status).toBe(200);
  });

  it("that never ran has no image, and that of the settings in the table", async () => {
    expect((await status()).containers).toMatchObject([
      {
        name: "probe",
        source: "r.example/probe:2",
        image: null,
        pulling: null,
        unit: { name: unit, problem: null },
      },
    ]);
    expect((await client("status")).stdout).toMatch(
      /^host container probe +active \(running\) +enabled +since 2026-01-31T12:00:00Z +r.example\/probe:2$/m,
    );
  });

  it("has the image that runs with its digest, while another one is pulled", async () => {
    const failedAttempt = "pulling r.example/probe:2: GET https://r.example/v2/: status 503; trying again";
    const pulling = { source, receivedBytes: 1024 ** 2, totalBytes: 3 * 1024 ** 2, failedAttempt };
    await record({ source, image, pulling, problem: null });
    const amounts = { "received-bytes": 1024 ** 2, "total-bytes": 3 * 1024 ** 2 };
    const told = { source, ...amounts, "failed-attempt": failedAttempt };
    expect((await status()).containers).toMatchObject([{ image, pulling: told, unit: { problem: null } }]);
    // That an attempt has failed, and another one follows, is no problem yet.
    const { exitCode, stdout } = await client("status");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("pulling r.example/probe:2: 1 MiB of 3 MiB\n");
    expect(stdout.split("\n")[0]).toBe(`note    ${unit}: ${failedAttempt}`);
  });

  it("that cannot be pulled, or that ran out of memory, says so in one line, first of all", async () => {
    const refused =
      "Image r.example/probe:2 was not pulled in 6 attempts: GET https://r.example/v2/probe/manifests/2: status 404 Not Found";
    await record({ source, image: null, pulling: null, problem: refused });
    const see = "see apiclient logs host-containers@probe";
    expect(texts(await status())).toEqual([`problem ${unit}: ${refused}: ${see}`]);

    const memory = "container probe ran out of memory (its limit is 64 MiB)";
    await record({ source, image, pulling: null, problem: memory });
    const ended = FAILED.replace("ActiveState=failed", "ActiveState=activating")
      .replace("SubState=failed", "SubState=auto-restart")
      .replace("ExecMainStatus=1", "ExecMainStatus=137");
    await systemd.unit(unit, ended);
    const { exitCode, stdout } = await client("status");
    expect(exitCode).toBe(1);
    expect(stdout.split("\n")[0]).toBe(
      `problem ${unit} does not stay up: restarted 2 times, last it ended with exit code 137: ${memory}: ${see}`,
    );
    expect(stdout).toMatch(
      /^host container probe +.* enabled, exit code 137, 2 restarts +.*\(sha256:0a0a0a0a0a0a\)$/m,
    );
  });
});

describe("looking", () => {
  it("holds up nobody else, and is shared by all who ask at the same time", async () => {
    await systemd.slow(1);
    const asked = Array.from({ length: 20 }, () => server.ask("GET", "/status"));
    await systemd.untilAsked();
    const startMs = performance.now();
    expect((await server.ask("GET", "/os")).status).toBe(200);
    expect(performance.now() - startMs).toBeLessThan(1000);
    for (const { status } of await Promise.all(asked)) expect(status).toBe(200);
    expect(await root.text("run/looks")).toBe("look\nlook\n");
  });
});
