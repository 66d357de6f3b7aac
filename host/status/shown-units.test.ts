import { describe, expect, it } from "bun:test";
import { readShownUnits } from "./shown-units.ts";

/** What systemd shows of a unit; further properties win. */
const shown = (properties: Readonly<Record<string, string | number>>): string =>
  Object.entries({
    Description: "A unit",
    LoadState: "loaded",
    ActiveState: "active",
    SubState: "running",
    Result: "success",
    ExecMainCode: 0,
    ExecMainStatus: 0,
    NRestarts: 0,
    StateChangeTimestamp: "@1769860800",
    ...properties,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");

describe("a unit as systemd shows it", () => {
  it("has state, last exit, restarts, and since when", () => {
    const failed = shown({
      ActiveState: "failed",
      SubState: "failed",
      Result: "exit-code",
      ExecMainCode: 1,
      ExecMainStatus: 1,
      NRestarts: 2,
    });
    expect(readShownUnits(["chronyd.service"], failed)).toEqual([
      {
        name: "chronyd.service",
        description: "A unit",
        state: "failed",
        "sub-state": "failed",
        result: "exit-code",
        "last-exit": { code: 1 },
        restarts: 2,
        since: "2026-01-31T12:00:00.000Z",
        problem: "chronyd.service failed 3 times, last with exit code 1: see apiclient logs chronyd",
      },
    ]);
  });

  it("may lack what its type has not, and may never have changed", () => {
    const printed = `LoadState=loaded\nActiveState=inactive\nSubState=dead\nStateChangeTimestamp=\n\n${shown({})}`;
    const [timer, service] = readShownUnits(["a.timer", "b.service"], printed);
    expect(timer).toMatchObject({
      name: "a.timer",
      description: "a.timer",
      "last-exit": null,
      since: null,
      restarts: 0,
      problem: null,
    });
    expect(service).toMatchObject({ name: "b.service", state: "active", problem: null });
  });

  const problems: [what: string, properties: Record<string, string | number>, problem: string | null][] = [
    ["is well while it runs, however it was restarted", { NRestarts: 9 }, null],
    ["is well when it is inactive", { ActiveState: "inactive", SubState: "dead" }, null],
    ["is well when it is masked", { LoadState: "masked", ActiveState: "inactive" }, null],
    [
      "failed once",
      { ActiveState: "failed", Result: "exit-code", ExecMainCode: 1, ExecMainStatus: 7 },
      "a.service failed with exit code 7: see apiclient logs a",
    ],
    [
      "was killed",
      { ActiveState: "failed", Result: "signal", ExecMainCode: 2, ExecMainStatus: 9 },
      "a.service failed by signal SIGKILL: see apiclient logs a",
    ],
    [
      "dumped core",
      { ActiveState: "failed", Result: "core-dump", ExecMainCode: 3, ExecMainStatus: 11 },
      "a.service failed by signal SIGSEGV: see apiclient logs a",
    ],
    [
      "ran out of time",
      { ActiveState: "failed", Result: "timeout", ExecMainCode: 2, ExecMainStatus: 15 },
      "a.service failed because it did not start or stop in time: see apiclient logs a",
    ],
    [
      "ran out of memory",
      { ActiveState: "failed", Result: "oom-kill", NRestarts: 1 },
      "a.service failed 2 times, last because it ran out of memory: see apiclient logs a",
    ],
    [
      "failed for a reason that has no exit",
      { ActiveState: "failed", Result: "start-limit-hit" },
      "a.service failed (start-limit-hit): see apiclient logs a",
    ],
    [
      "waits for its next start",
      {
        ActiveState: "activating",
        SubState: "auto-restart",
        NRestarts: 1,
        Result: "exit-code",
        ExecMainCode: 1,
        ExecMainStatus: 1,
      },
      "a.service does not stay up: restarted 1 time, last it ended with exit code 1: see apiclient logs a",
    ],
    [
      "is not there",
      { LoadState: "not-found", ActiveState: "inactive" },
      "There is no unit a.service on this host",
    ],
    [
      "has a file that is wrong",
      { LoadState: "bad-setting" },
      "The file of a.service cannot be used (bad-setting)",
    ],
  ];
  for (const [what, properties, problem] of problems) {
    it(what, () => expect(readShownUnits(["a.service"], shown(properties))[0]?.problem).toBe(problem));
  }
});
