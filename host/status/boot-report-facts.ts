/** What of the boot's report matters for the status. Decides only. */
import type { HostStatus } from "../api/index.ts";
import { type ReportedStep, reportedText } from "../platform/boot-report.ts";

export interface BootFacts {
  readonly boot: HostStatus["boot"];
  readonly steps: readonly ReportedStep[];
  /** Lines for people. */
  readonly problems: readonly string[];
}

/**
 * Reads the report that configuring the host has left.
 *
 * @param text  undefined if there is none yet
 */
export function readBootFacts(text: string | undefined): BootFacts {
  const steps = text === undefined ? undefined : stepsOf(text);
  if (steps === undefined)
    return { boot: { outcome: "not-configured", "failed-steps": [] }, steps: [], problems: [] };
  const failed = steps.filter(({ outcome }) => outcome === "failed");
  return {
    boot: {
      outcome: failed.length === 0 ? "done" : "failed",
      "failed-steps": failed.map(({ name }) => name),
    },
    steps,
    problems: steps.flatMap(({ name, outcome, summary, problems }) => {
      if (problems.length > 0) return problems.map((problem) => `${name}: ${reportedText(problem)}`);
      return outcome === "failed" ? [`${name}: ${summary}`] : [];
    }),
  };
}

function stepsOf(text: string): readonly ReportedStep[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const steps = typeof value === "object" && value !== null ? Reflect.get(value, "steps") : undefined;
    // Nobody but `writeBootReport` makes this file, which nobody but root can write, and it ends with the boot.
    return Array.isArray(steps) ? (steps as readonly ReportedStep[]) : undefined;
  } catch {
    // SyntaxError: somebody has edited it. The status of everything else is worth more than this part of it.
    return undefined;
  }
}
