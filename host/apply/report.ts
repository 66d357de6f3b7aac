/** What became of the last change, kept where `apiclient get /apply/report` reads it. */

import { join } from "node:path";
import { Failure, failureText } from "../linux/failure.ts";
import { writeWhole } from "../linux/files.ts";
import type { ApplyRequest, ApplyResult, RestartedService } from "./apply.ts";

/** One run as the report shows it. */
export interface ReportedRun {
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** The changed settings that were applied, or everything. */
  readonly keys: readonly string[] | "all";
  readonly writtenPaths: readonly string[];
  /** The services whose restart commands were run. */
  readonly restarts: readonly RestartedService[];
  readonly failures: readonly ReportedFailure[];
  readonly warnings: readonly ReportedFailure[];
}

interface ReportedFailure {
  /** Names the kind of failure for programs; "" if it is one that nobody has foreseen. */
  readonly code: string;
  readonly text: string;
  /** What to do; "" if that is not known. */
  readonly hint: string;
}

/** A run that has ended, by itself or with something thrown. */
export function reportedRun(
  request: ApplyRequest,
  times: { readonly startedAtMs: number; readonly durationMs: number },
  outcome: ApplyResult | { readonly thrown: unknown },
): ReportedRun {
  const what = { ...times, keys: request.kind === "all" ? ("all" as const) : request.keys };
  if ("thrown" in outcome) {
    const failures = [reportedFailure(outcome.thrown)];
    return { ...what, writtenPaths: [], restarts: [], failures, warnings: [] };
  }
  const { writtenPaths, restarts, failures, warnings } = outcome;
  return {
    ...what,
    writtenPaths,
    restarts,
    failures: failures.map(reportedFailure),
    warnings: warnings.map(reportedFailure),
  };
}

function reportedFailure(thrown: unknown): ReportedFailure {
  const { code, hint } = thrown instanceof Failure ? thrown : { code: "", hint: "" };
  return { code, text: failureText(thrown), hint };
}

/** Writes the report whole; a reader finds this one or the one before. */
export async function writeApplyReport(directory: string, runs: readonly ReportedRun[]): Promise<void> {
  const text = `${JSON.stringify({ runs }, undefined, 2)}\n`;
  // It may quote settings, so it is read through the API, which asks who you are.
  await writeWhole(join(directory, "apply-report.json"), text, { mode: 0o600, durable: false });
}
