import { expect, it } from "bun:test";
import type { ContainerStatus, Diagnosis, HostStatus, UnitStatus } from "../host-status.ts";
import { sizeText } from "../size-text.ts";
import { diagnosisText } from "./diagnosis-text.ts";
import { statusText } from "./status-text.ts";

const unit = (name: string, more: Partial<UnitStatus> = {}): UnitStatus => ({
  name,
  description: name,
  state: "active",
  "sub-state": "running",
  result: "success",
  "last-exit": null,
  restarts: 0,
  since: "2026-01-31T12:00:00.000Z",
  problem: null,
  ...more,
});

const status: HostStatus = {
  healthy: false,
  findings: [
    { kind: "problem", about: "b.service", text: "b.service failed", hint: "apiclient logs b" },
    { kind: "advice", about: "reboot", text: "A restart is due", hint: "" },
  ],
  units: [
    unit("a.service", { "last-exit": { code: 0 } }),
    unit("b.service", {
      state: "failed",
      "sub-state": "failed",
      "last-exit": { signal: "SIGKILL" },
      restarts: 2,
      problem: "x",
    }),
  ],
  containers: [
    {
      name: "admin",
      kind: "host",
      wanted: "enabled",
      source: "r/admin:1",
      image: { source: "r/admin:1", digest: `sha256:${"0123456789abcdef".repeat(4)}` },
      pulling: null,
      unit: unit("host-containers@admin.service", { "last-exit": { code: 137 }, restarts: 1 }),
    },
  ],
  boot: { outcome: "failed", "failed-steps": ["user-data", "render"] },
  "last-apply": { id: "1", state: "done", "committed-at": "2026-01-31T12:00:00.000Z" },
  sets: { active: "A", "marked-good": true, next: "B" },
  disks: [{ path: "/local", device: "/dev/vda13", "size-bytes": 1024 ** 3, "free-bytes": 1024 ** 2 * 1.5 }],
  memory: { "total-bytes": 2048, "available-bytes": 1000 },
  "clock-synchronised": null,
};

it("the status has what is wrong first, then aligned lines, those with problems before the others", () => {
  expect(statusText(status)).toBe(`problem b.service failed
    try: apiclient logs b
note    A restart is due

host container admin  active (running)  enabled, exit code 137, 1 restart  since 2026-01-31T12:00:00Z  r/admin:1 (sha256:0123456789ab)
b.service             failed (failed)   signal SIGKILL, 2 restarts         since 2026-01-31T12:00:00Z
a.service             active (running)  exit code 0                        since 2026-01-31T12:00:00Z

boot         failed: user-data, render
last change  done, of 2026-01-31T12:00:00.000Z
set          A, marked good; next B
disk /local  1.5 MiB free of 1 GiB, /dev/vda13
memory       1000 bytes available of 2 KiB
clock        not known
`);
});

it("the line of a container has its image: that which runs, that which is pulled, or that of the settings", () => {
  const [admin] = status.containers;
  if (admin === undefined) throw new Error("there is no container in the example");
  const ends = (change: Partial<ContainerStatus>) =>
    statusText({ ...status, findings: [], units: [], containers: [{ ...admin, ...change }] })
      .split("\n")[2]
      ?.split(/ {2,}/)
      .at(-1);
  const pulling = (received: number, total: number | null) => ({
    pulling: {
      source: "r/admin:2",
      "received-bytes": received,
      "total-bytes": total,
      "failed-attempt": null,
    },
  });
  expect(ends({})).toBe("r/admin:1 (sha256:0123456789ab)");
  expect(ends({ image: null, source: "r/admin:2" })).toBe("r/admin:2");
  expect(ends(pulling(0, null))).toBe("pulling r/admin:2");
  expect(ends(pulling(1024 ** 2 * 1.5, 1024 ** 2 * 12))).toBe("pulling r/admin:2: 1.5 MiB of 12 MiB");
  expect(ends(pulling(1024, 1024))).toBe("unpacking r/admin:2");
});

it("a diagnosis has findings, the timeline and the registries", () => {
  const diagnosis: Diagnosis = {
    ...status,
    timeline: [{ step: "kernel", "duration-ms": 1234 }],
    registries: [{ url: "https://r/v2/", reached: false, "duration-ms": 12, detail: "no answer within 3 s" }],
  };
  expect(diagnosisText(diagnosis)).toBe(`problem b.service failed
    try: apiclient logs b
note    A restart is due

How long this start of the host took:
      1.2 s  kernel

Registries:
  https://r/v2/  not reached  12 ms  no answer within 3 s
`);
});

it("sizes have the largest unit of which there is one whole", () => {
  const sizes = [0, 1023, 1024, 1536, 10 * 1024, 1024 ** 2, 5.25 * 1024 ** 4];
  expect(sizes.map(sizeText)).toEqual([
    "0 bytes",
    "1023 bytes",
    "1 KiB",
    "1.5 KiB",
    "10 KiB",
    "1 MiB",
    "5.3 TiB",
  ]);
});
