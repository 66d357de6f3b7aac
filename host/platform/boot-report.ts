/**
 * What became of each step of configuring the host at boot, kept where `apiclient get /boot/report` reads it.
 */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Failure, failureText } from "../linux/failure.ts";
import { writeWhole } from "../linux/files.ts";
import { type Problem, problemText } from "../settings/index.ts";

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
}

/** What a step of the boot came to. */
export interface StepResult {
  readonly outcome: "done" | "skipped" | "failed";
  /** One line for the log. */
  readonly summary: string;
  readonly problems: readonly ReportedProblem[];
}

/** A step as the report shows it. */
export interface ReportedStep {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly outcome: StepResult["outcome"];
  readonly problems: readonly ReportedProblem[];
}

/** A problem of a document under the document's name. */
export function reported(source: string, { key, problem, accepted, at }: Problem): ReportedProblem {
  return {
    source,
    ...(at === undefined ? {} : { line: at.line, column: at.column }),
    key,
    problem,
    accepted,
  };
}

/** A problem that is about no document and no setting. */
export function reportedFailure(source: string, thrown: unknown): ReportedProblem {
  const next = thrown instanceof Failure ? `. Try: ${thrown.hint}` : "";
  return { source, key: "", problem: `${failureText(thrown)}${next}`, accepted: "" };
}

/** The line that people see: `user-data.toml:3:8: settings.motd: found the integer 5; accepted: a string`. */
export function reportedText({ source, line, column, key, problem, accepted }: ReportedProblem): string {
  if (accepted === "")
    return problemText({ key, problem, accepted: "-" }, source).replace(/; accepted: -$/, "");
  const at = line === undefined || column === undefined ? {} : { at: { line, column } };
  return problemText({ key, problem, accepted, ...at }, source);
}

/** Writes the report whole; a reader finds this one or the one before. */
export async function writeBootReport(directory: string, steps: readonly ReportedStep[]): Promise<void> {
  await mkdir(directory, { recursive: true });
  const text = `${JSON.stringify({ steps }, undefined, 2)}\n`;
  // It may quote settings, so it is read through the API, which asks who you are.
  await writeWhole(join(directory, "boot-report.json"), text, { mode: 0o600, durable: false });
}
