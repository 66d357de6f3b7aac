/** Asks the checks of a boot until all of them hold at once, or their time is over. The host and its clock are given. */
import { failureText } from "../../linux/failure.ts";
import type { ShownUnit } from "../../linux/units.ts";
import { type ContainerCheck, containerProblem, type HealthChecks, type Ran, unitProblem } from "./checks.ts";

/** The host as the checks see it. */
export interface CheckedHost {
  /** How systemd shows these units, in this order. */
  showUnits(names: readonly string[]): Promise<readonly ShownUnit[]>;
  runInContainer(check: ContainerCheck, timeoutMs: number): Promise<Ran>;
  /** Time that only runs forwards. */
  nowMs(): number;
  pause(ms: number): Promise<void>;
}

// systemd has no command that waits for a unit which somebody else starts. Asking costs a slow machine a tenth of a
// second; what is not there after some seconds is not expected the moment after.
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 5000;
const GROWTH = 1.5;
/** A command may hang, and the container may have a second one answer after a restart. */
const COMMAND_MS = 30_000;
const LEAST_COMMAND_MS = 1000;

/**
 * Waits for the checks.
 *
 * @returns what did not hold at the end of the time, each as a clause; nothing when all held at once
 */
export async function waitForHealth(checks: HealthChecks, host: CheckedHost): Promise<readonly string[]> {
  const endMs = host.nowMs() + checks.limitMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * GROWTH, LONGEST_PAUSE_MS)) {
    const problems = await problemsNow(checks, host, endMs - host.nowMs());
    const leftMs = endMs - host.nowMs();
    if (problems.length === 0 || leftMs <= 0) return problems;
    await host.pause(Math.min(pauseMs, leftMs));
  }
}

async function problemsNow(
  { units, containers }: HealthChecks,
  host: CheckedHost,
  leftMs: number,
): Promise<readonly string[]> {
  const timeoutMs = Math.min(Math.max(leftMs, LEAST_COMMAND_MS), COMMAND_MS);
  const answers = await Promise.all([
    unitProblems(units, host),
    ...containers.map(async (check) => {
      const ran = host.runInContainer(check, timeoutMs).catch(
        (error: unknown): Ran => ({
          exitCode: undefined,
          how: failureText(error),
          stdout: "",
          stderr: "",
        }),
      );
      return [containerProblem(check, await ran)];
    }),
  ]);
  return answers.flat().filter((problem) => problem !== undefined);
}

async function unitProblems(
  units: readonly string[],
  host: CheckedHost,
): Promise<readonly (string | undefined)[]> {
  if (units.length === 0) return [];
  try {
    const shown = await host.showUnits(units);
    return units.map((name, at) =>
      unitProblem(name, shown[at] ?? { load: "not-found", active: "", sub: "" }),
    );
  } catch (error) {
    // systemd may be busy: then nobody knows yet that they are active.
    return [failureText(error)];
  }
}
