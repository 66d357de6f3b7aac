import { describe, expect, it } from "bun:test";
import { containerProblem, hasChecks, healthChecksOf, unitProblem } from "./checks.ts";

describe("the checks of settings.updates.health", () => {
  it("are none, with five minutes, where nothing is set", () => {
    for (const updates of [undefined, {}, { seed: 5 }, { health: {} }]) {
      const checks = healthChecksOf(updates);
      expect(checks).toEqual({ units: [], containers: [], limitMs: 300_000 });
      expect(hasChecks(checks)).toBe(false);
    }
  });

  it("are units, commands in containers by name, and how long they may take", () => {
    const checks = healthChecksOf({
      health: {
        units: ["kubelet.service"],
        "container-checks": { agent: { container: "admin", command: ["/bin/test", "-e", "/ready"] } },
        "time-limit": "1m30s",
      },
    });
    expect(checks).toEqual({
      units: ["kubelet.service"],
      containers: [{ name: "agent", container: "admin", command: ["/bin/test", "-e", "/ready"] }],
      limitMs: 90_000,
    });
    expect(hasChecks(checks)).toBe(true);
  });
});

describe("a unit", () => {
  const table: [load: string, active: string, sub: string, problem: string | undefined][] = [
    ["loaded", "active", "running", undefined],
    ["loaded", "active", "exited", undefined],
    ["loaded", "reloading", "reload", undefined],
    ["loaded", "activating", "auto-restart", "a.service is activating (auto-restart)"],
    ["loaded", "failed", "failed", "a.service is failed"],
    ["loaded", "inactive", "dead", "a.service is inactive (dead)"],
    ["masked", "inactive", "dead", "a.service is inactive (dead)"],
    ["not-found", "inactive", "dead", "there is no unit a.service"],
  ];
  for (const [load, active, sub, problem] of table) {
    it(`that is ${load}, ${active} and ${sub}: ${problem ?? "holds"}`, () => {
      expect(unitProblem("a.service", { load, active, sub })).toBe(problem);
    });
  }
});

describe("a command in a container", () => {
  const check = { name: "agent", container: "admin", command: ["true"] };
  const problem = (exitCode: number | undefined, how: string, stdout = "", stderr = "") =>
    containerProblem(check, { exitCode, how, stdout, stderr });

  it("holds when it ends with 0, whatever it prints", () => {
    expect(problem(0, "exit code 0", "", "warning\n")).toBeUndefined();
  });

  it("tells how it ended with the last line that it printed, on stderr if there is one", () => {
    expect(problem(1, "exit code 1")).toBe("check agent in container admin: exit code 1");
    expect(problem(1, "exit code 1", "one\ntwo\n\n")).toBe(
      "check agent in container admin: exit code 1: two",
    );
    expect(problem(undefined, "did not end within 30 s", "out\n", "err\n")).toBe(
      "check agent in container admin: did not end within 30 s: err",
    );
  });

  it("cannot write on a console, nor fill it", () => {
    expect(problem(1, "exit code 1", "", "\u001b[2Jgone\u0007\r\n")).toBe(
      "check agent in container admin: exit code 1: [2Jgone",
    );
    expect(problem(1, "exit code 1", "x".repeat(1000))).toBe(
      `check agent in container admin: exit code 1: ${"x".repeat(200)}…`,
    );
  });
});
