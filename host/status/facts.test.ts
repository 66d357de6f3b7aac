import { describe, expect, it } from "bun:test";
import type { RunRecord } from "../containers/run-record.ts";
import { readBootFacts } from "./boot-report-facts.ts";
import { containerStatus, wantedContainers } from "./containers.ts";
import { mountedDisks } from "./mounted-disks.ts";
import { registriesToAsk } from "./registries.ts";
import { readShownUnits } from "./shown-units.ts";
import { bootTimeline, isStarting } from "./timeline.ts";

it("disks are what can be written, each once, with spaces in its path", () => {
  const info = `21 1 253:0 / / ro,relatime - erofs /dev/dm-0 ro
22 21 259:5 / /local rw,nosuid - ext4 /dev/vda13 rw,seclabel
23 21 259:5 /var /var rw - ext4 /dev/vda13 rw
24 21 0:20 / /run rw - tmpfs tmpfs rw
25 21 259:7 / /mnt/a\\040b rw - xfs /dev/vdb1 rw
26 21 259:8 / /mnt/c ro - xfs /dev/vdc1 rw
`;
  expect(mountedDisks(info)).toEqual([
    { path: "/local", device: "/dev/vda13" },
    { path: "/mnt/a b", device: "/dev/vdb1" },
  ]);
});

describe("the timeline of a start", () => {
  const steps = [{ name: "user data", durationMs: 12.4 }];
  it("counts firmware and selector backwards from the kernel, the others onwards", () => {
    const manager = new Map([
      ["FirmwareTimestampMonotonic", "5000000"],
      ["LoaderTimestampMonotonic", "1500000"],
      ["InitRDTimestampMonotonic", "2000000"],
      ["UserspaceTimestampMonotonic", "3000000"],
      ["FinishTimestampMonotonic", "9000000"],
    ]);
    expect(bootTimeline(manager, steps)).toEqual([
      { step: "firmware", "duration-ms": 3500 },
      { step: "boot selector", "duration-ms": 1500 },
      { step: "kernel", "duration-ms": 2000 },
      { step: "initrd", "duration-ms": 1000 },
      { step: "user space", "duration-ms": 6000 },
      { step: "user space: configuring: user data", "duration-ms": 12 },
    ]);
  });

  it("leaves out what is not known, and what has not come yet", () => {
    const manager = new Map([
      ["SystemState", "starting"],
      ["FirmwareTimestampMonotonic", "0"],
      ["UserspaceTimestampMonotonic", "3000000"],
      ["FinishTimestampMonotonic", "0"],
    ]);
    expect(bootTimeline(manager, [])).toEqual([{ step: "kernel", "duration-ms": 3000 }]);
    expect(isStarting(manager)).toBe(true);
    expect(isStarting(new Map([["SystemState", "degraded"]]))).toBe(false);
  });
});

describe("containers of the settings", () => {
  const settings = {
    "host-containers": {
      admin: { source: "r/admin:1", enabled: true },
      control: { source: "r/control:1", enabled: false },
      broken: { enabled: true },
    },
    "bootstrap-containers": { prepare: { source: "r/prepare:1", mode: "once" } },
  };
  it("have their units; one that has no image has none", () => {
    expect(wantedContainers(settings)).toEqual([
      {
        name: "admin",
        kind: "host",
        wanted: "enabled",
        source: "r/admin:1",
        unitName: "host-containers@admin.service",
        id: "admin",
      },
      {
        name: "control",
        kind: "host",
        wanted: "disabled",
        source: "r/control:1",
        unitName: "host-containers@control.service",
        id: "control",
      },
      {
        name: "prepare",
        kind: "bootstrap",
        wanted: "once",
        source: "r/prepare:1",
        unitName: "bootstrap-containers@prepare.service",
        id: "boot.prepare",
      },
    ]);
  });

  const state = (active: string) => `LoadState=loaded\nActiveState=${active}\nSubState=dead\n`;
  const missing = "LoadState=not-found\nActiveState=inactive\n";
  const table: [what: string, name: string, printed: string, starting: boolean, problem: string | null][] = [
    ["that runs is well", "admin", state("active"), false, null],
    [
      "that is enabled and does not run",
      "admin",
      state("inactive"),
      false,
      "Host container admin is enabled, but does not run: see apiclient logs admin",
    ],
    ["that does not run yet is well while the host starts", "admin", state("inactive"), true, null],
    ["that is disabled and does not run is well", "control", state("inactive"), false, null],
    ["that is disabled needs no unit", "control", missing, false, null],
    [
      "that is enabled needs its unit",
      "admin",
      missing,
      false,
      "There is no unit host-containers@admin.service on this host",
    ],
    ["that has run once is well", "prepare", state("inactive"), false, null],
    [
      "that failed",
      "prepare",
      state("failed"),
      false,
      "bootstrap-containers@prepare.service failed: see apiclient logs bootstrap-containers@prepare",
    ],
  ];
  for (const [what, name, printed, starting, problem] of table) {
    it(`one ${what}`, () => {
      expect(statusOf(name, printed, undefined, starting).unit.problem).toBe(problem);
    });
  }

  const image = { source: "r/admin:1", digest: "sha256:0a" };
  const source = "r/admin:2";
  const pulling = { source, receivedBytes: 10, totalBytes: 30, failedAttempt: null };
  const running = "LoadState=loaded\nActiveState=active\nSubState=running\n";
  const restarting =
    "LoadState=loaded\nActiveState=activating\nSubState=auto-restart\nResult=exit-code\nExecMainCode=1\nExecMainStatus=137\nNRestarts=1\n";

  it("have the image that their last run has left, and none before there was one", () => {
    expect(statusOf("admin", running, undefined)).toMatchObject({ image: null, pulling: null });
    const found = statusOf("admin", state("inactive"), { source, image, pulling: null, problem: null });
    expect(found).toMatchObject({ source: "r/admin:1", image, pulling: null });
  });

  it("are pulling as long as the process runs that pulls", () => {
    const run = { source, image, pulling, problem: null };
    expect(statusOf("admin", running, run)).toMatchObject({
      image,
      pulling: { source, "received-bytes": 10, "total-bytes": 30, "failed-attempt": null },
      unit: { problem: null },
    });
    const starting = "LoadState=loaded\nActiveState=activating\nSubState=start\n";
    expect(statusOf("prepare", starting, run).pulling).not.toBeNull();
    for (const printed of [state("inactive"), restarting])
      expect(statusOf("admin", printed, run).pulling).toBeNull();
  });

  it("are well while an attempt to pull that failed is made again; why is told beside", () => {
    const failedAttempt =
      "pulling r/admin:2: GET https://r/v2/: status 503; trying again after attempt 1 of 6";
    const run = { source, image, pulling: { ...pulling, failedAttempt }, problem: null };
    expect(statusOf("admin", running, run)).toMatchObject({
      pulling: { "failed-attempt": failedAttempt },
      unit: { problem: null },
    });
  });

  const problem =
    "Image r/admin:2 was not pulled in 6 attempts: GET https://r/v2/admin/manifests/2: status 404 Not Found";
  const told: [what: string, name: string, printed: string, problem: string | null][] = [
    [
      "that pulls again in another run, after one in which it could not",
      "admin",
      running,
      `host-containers@admin.service: ${problem}: see apiclient logs host-containers@admin`,
    ],
    [
      "that ended and will be started again",
      "admin",
      restarting,
      `host-containers@admin.service does not stay up: restarted 1 time, last it ended with exit code 137: ${problem}: see apiclient logs host-containers@admin`,
    ],
    [
      "that failed for good",
      "prepare",
      state("failed"),
      `bootstrap-containers@prepare.service failed: ${problem}: see apiclient logs bootstrap-containers@prepare`,
    ],
    ["that is disabled since then is well", "control", state("inactive"), null],
  ];
  for (const [what, name, printed, line] of told) {
    it(`what went wrong in the run of one ${what}`, () => {
      const run = { source, image: null, pulling: null, problem };
      expect(statusOf(name, printed, run).unit.problem).toBe(line);
    });
  }

  function statusOf(name: string, printed: string, run: RunRecord | undefined, starting = false) {
    const container = wantedContainers(settings).find((one) => one.name === name);
    const [unit] = readShownUnits([container?.unitName ?? ""], printed);
    if (container === undefined || unit === undefined) throw new Error("no such container");
    return containerStatus(container, unit, run, starting);
  }
});

describe("registries to ask", () => {
  const ask = (settings: object) => registriesToAsk(settings as Readonly<Record<string, unknown>>);
  it("are those of images that may run, and the endpoints of mirrors, each once", () => {
    const settings = {
      "host-containers": {
        a: { source: "r.example.com:5000/a:1", enabled: true },
        b: { source: "r.example.com:5000/b:1", enabled: true },
        off: { source: "off.example.com/c", enabled: false },
      },
      "bootstrap-containers": {
        d: { source: "library/d", mode: "always" },
        e: { source: "x.example.com/e", mode: "off" },
      },
      "container-registry": {
        mirrors: [{ registry: "*", endpoint: ["http://m.example.com", "m2.example.com/v2"] }],
      },
    };
    expect(ask(settings).map(({ url }) => url)).toEqual([
      "http://m.example.com/v2/",
      "https://m2.example.com/v2",
      "https://r.example.com:5000/v2/",
      "https://registry-1.docker.io/v2/",
    ]);
  });

  it("are those that canonical references to images of ECR mean", () => {
    const source = "ecr.aws/arn:aws-cn:ecr:cn-north-1:111122223333:repository/a:1";
    expect(ask({ "host-containers": { a: { source, enabled: true } } }).map(({ url }) => url)).toEqual([
      "https://111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/v2/",
    ]);
  });

  it("are those of a table of mirrors, too", () => {
    expect(ask({ "container-registry": { mirrors: { "docker.io": ["https://m.example.com/"] } } })).toEqual([
      { url: "https://m.example.com/v2/", host: "m.example.com", proxy: undefined },
    ]);
  });

  it("are asked through the proxy, but for those that are not", () => {
    const settings = {
      network: { "https-proxy": "proxy:3128", "no-proxy": [".inner.example.com"] },
      "container-registry": {
        mirrors: [
          { registry: "*", endpoint: ["a.inner.example.com", "b.example.com", "http://c.example.com"] },
        ],
      },
    };
    expect(ask(settings).map(({ host, proxy }) => [host, proxy])).toEqual([
      ["c.example.com", undefined],
      ["a.inner.example.com", undefined],
      ["b.example.com", "http://proxy:3128"],
    ]);
  });
});

describe("the boot's report", () => {
  it("is not there before the host is configured, or not to be understood", () => {
    const none = { boot: { outcome: "not-configured", "failed-steps": [] }, steps: [], problems: [] };
    for (const text of [undefined, "{", "null", "{}"]) expect(readBootFacts(text)).toEqual(none as never);
  });

  it("has problems of user data with their place, and steps that failed", () => {
    const problem = {
      source: "user-data.toml",
      line: 3,
      column: 8,
      key: "settings.motd",
      problem: "found the integer 5",
      accepted: "a string",
      fault: "given",
    };
    const steps = [
      {
        name: "user data",
        startedAtMs: 0,
        durationMs: 1,
        outcome: "failed",
        summary: "refused",
        problems: [problem],
      },
      { name: "render", startedAtMs: 0, durationMs: 1, outcome: "failed", summary: "no space", problems: [] },
      { name: "commit", startedAtMs: 0, durationMs: 1, outcome: "done", summary: "well", problems: [] },
    ];
    const { boot, problems } = readBootFacts(JSON.stringify({ steps }));
    expect(boot).toEqual({ outcome: "failed", "failed-steps": ["user data", "render"] });
    expect(problems).toEqual([
      "user data: user-data.toml:3:8: settings.motd: found the integer 5; accepted: a string",
      "render: no space",
    ]);
  });
});
