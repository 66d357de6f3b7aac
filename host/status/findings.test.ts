import { describe, expect, it } from "bun:test";
import type { ContainerStatus } from "../api/index.ts";
import { type Facts, findingsOf } from "./findings.ts";
import { readShownUnits } from "./shown-units.ts";

const GIB = 1024 ** 3;

const well: Facts = {
  units: [],
  containers: [],
  boot: { outcome: "done", "failed-steps": [] },
  "last-apply": null,
  sets: { active: "A", "marked-good": true, next: "A" },
  disks: [{ path: "/local", device: "/dev/vda13", "size-bytes": 10 * GIB, "free-bytes": GIB }],
  memory: { "total-bytes": 100 * GIB, "available-bytes": 5 * GIB },
  "clock-synchronised": true,
  starting: false,
  bootProblems: [],
  setsProblem: undefined,
  unmetChecks: [],
  refusedVersions: new Map(),
  rebootPending: false,
  trial: null,
  registries: [{ url: "https://r/v2/", reached: true, "duration-ms": 1, detail: "answered with status 401" }],
};

/** A container whose last attempt to be pulled failed. */
function pulling(problem: string | null): ContainerStatus {
  const name = "host-containers@a.service";
  const [unit] = readShownUnits([name], "LoadState=loaded\nActiveState=active\nSubState=running\n");
  if (unit === undefined) throw new Error("one unit was shown");
  const amounts = { "received-bytes": 0, "total-bytes": null };
  return {
    ...{ name: "a", kind: "host", wanted: "enabled", source: "r/a:1", image: null },
    pulling: { source: "r/a:1", ...amounts, "failed-attempt": "status 503" },
    unit: { ...unit, problem },
  };
}

describe("what is found", () => {
  it("is nothing on a host that is well, at the last free tenth of its disk", () => {
    expect(findingsOf(well)).toEqual([]);
  });

  const table: [what: string, change: Partial<Facts>, found: readonly string[]][] = [
    ["a boot that has problems", { bootProblems: ["user data: motd"] }, ["problem user data: motd"]],
    [
      "a boot that nobody has configured",
      { boot: { outcome: "not-configured", "failed-steps": [] } },
      ["problem This boot has not been configured"],
    ],
    [
      "a change that failed",
      { "last-apply": { id: "1", state: "failed", "committed-at": "2026-01-31T12:00:00.000Z" } },
      ["problem The change of 2026-01-31T12:00:00.000Z could not be applied wholly"],
    ],
    [
      "a disk with less than a tenth left",
      { disks: [{ path: "/local", device: "/dev/vda13", "size-bytes": 10 * GIB, "free-bytes": GIB - 1 }] },
      ["problem /local is nearly full: 1024 MiB of 10 GiB are free"],
    ],
    [
      "less than a twentieth of the memory",
      { memory: { "total-bytes": 100 * GIB, "available-bytes": 4 * GIB } },
      ["problem Memory is short: 4 GiB of 100 GiB are available"],
    ],
    ["a clock that runs free", { "clock-synchronised": false }, ["problem The clock is not synchronised"]],
    ["no clock that nobody can ask", { "clock-synchronised": null }, []],
    [
      "a registry that cannot be reached",
      {
        registries: [
          { url: "https://r/v2/", reached: false, "duration-ms": 1, detail: "no answer within 6 s" },
        ],
      },
      ["problem https://r/v2/ cannot be reached: no answer within 6 s"],
    ],
    [
      "a set that is not marked good",
      { sets: { active: "B", "marked-good": false, next: "B" } },
      ["problem Set B is not marked good: the next start may turn to the other one"],
    ],
    [
      "a pull that is tried again, as long as nothing is wrong with its container",
      { containers: [pulling(null), pulling("it does not stay up")] },
      ["problem it does not stay up", "advice host-containers@a.service: status 503"],
    ],
    [
      "a health check that did not hold",
      { unmetChecks: ["kubelet.service is failed"] },
      ["problem When this host started, a health check did not hold: kubelet.service is failed"],
    ],
    [
      "an update that failed, on a host that is well",
      {
        refusedVersions: new Map([
          ["1.1.0", { reason: "it did not come up", time: "2026-01-31T12:00:00.000Z" }],
        ]),
      },
      [
        "advice The update to 1.1.0 failed at 2026-01-31T12:00:00.000Z and is not taken again by itself: it did not come up",
      ],
    ],
    ["sets that cannot be read", { sets: null, setsProblem: "no table" }, ["problem no table"]],
    ["no sets, where there are none", { sets: null }, []],
    [
      "an update that waits for its start",
      { sets: { active: "A", "marked-good": true, next: "B" } },
      ["advice The next start uses set B"],
    ],
    [
      "that nothing can be started next",
      { sets: { active: "A", "marked-good": true, next: null } },
      ["problem No set can be started next"],
    ],
    ["a restart that is due", { rebootPending: true }, ["advice Settings take effect only after a restart"]],
    [
      "problems before advice",
      {
        trial: { keys: ["settings.motd"], "seconds-left": 9 },
        rebootPending: true,
        "clock-synchronised": false,
      },
      [
        "problem The clock is not synchronised",
        "advice Settings take effect only after a restart",
        "advice A trial of settings.motd runs; it is put back in 9 s",
      ],
    ],
  ];
  for (const [what, change, found] of table) {
    it(what, () => {
      const findings = findingsOf({ ...well, ...change });
      expect(findings.map(({ kind, text }) => `${kind} ${text}`)).toEqual([...found]);
      expect(findings.filter(({ hint }) => hint === "")).toEqual([]);
    });
  }

  it("is not what is only on its way, while the host starts", () => {
    const early: Partial<Facts> = {
      starting: true,
      boot: { outcome: "not-configured", "failed-steps": [] },
      sets: { active: "A", "marked-good": false, next: "A" },
      "clock-synchronised": false,
    };
    expect(findingsOf({ ...well, ...early })).toEqual([]);
  });
});
