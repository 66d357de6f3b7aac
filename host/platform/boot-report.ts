/**
 * What became of each step of configuring the host at boot, as `apiclient get /boot/report` shows it.
 */

import { Failure, failureText } from "../linux/failure.ts";
import { type Problem, problemText } from "../settings/index.ts";
import { type Fault, faultOf } from "./fault.ts";

/** Something wrong, and where; `line` and `column` count from 1 and are absent where the source has none. */
export interface ReportedProblem {
  /** The file, program or request at fault. */
  readonly source: string;
  readonly line?: number;
  readonly column?: number;
  /** The full dotted key; "" if no single setting is meant. */
  readonly key: string;
  readonly problem: string;
  /** What would be right; "" where the problem is not about a value. */
  readonly accepted: string;
  readonly fault: Fault;
}

/** What a step of the boot came to. */
export interface StepResult {
  readonly outcome: "done" | "skipped" | "failed";
  /** One line for the log and the report. */
  readonly summary: string;
  /** Whether the summary is a warning, in a step that did not fail. */
  readonly warns?: true;
  readonly problems: readonly ReportedProblem[];
  /** Problems that are in the log already, as the step came upon them. */
  readonly told?: readonly ReportedProblem[];
}

/** A step as the report shows it. */
export interface ReportedStep {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly outcome: StepResult["outcome"];
  readonly summary: string;
  readonly problems: readonly ReportedProblem[];
}

/** Whether the image did its duty: each step that failed did so only because of what the host was given. */
export function isImageGood(steps: readonly Pick<ReportedStep, "outcome" | "problems">[]): boolean {
  return steps
    .filter(({ outcome }) => outcome === "failed")
    .every(({ problems }) => problems.length > 0 && problems.every(({ fault }) => fault === "given"));
}

/** A problem of a document under the document's name. */
export function reported(
  source: string,
  { key, problem, accepted, at }: Problem,
  fault: Fault,
): ReportedProblem {
  return {
    source,
    ...(at === undefined ? {} : { line: at.line, column: at.column }),
    key,
    problem,
    accepted,
    fault,
  };
}

/** A problem that is about no document and no setting. */
export function reportedFailure(
  source: string,
  thrown: unknown,
  fault: Fault = faultOf(thrown),
): ReportedProblem {
  const next = thrown instanceof Failure ? `. Try: ${thrown.hint}` : "";
  return { source, key: "", problem: `${failureText(thrown)}${next}`, accepted: "", fault };
}

/** The line that people see: `user-data.toml:3:8: settings.motd: found the integer 5; accepted: a string`. */
export function reportedText({ source, line, column, key, problem, accepted }: ReportedProblem): string {
  if (accepted === "")
    return problemText({ key, problem, accepted: "-" }, source).replace(/; accepted: -$/, "");
  const at = line === undefined || column === undefined ? {} : { at: { line, column } };
  return problemText({ key, problem, accepted, ...at }, source);
}
