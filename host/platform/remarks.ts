/** What a command of ours has to say about work that did not fail. */

import type { Log } from "../linux/log.ts";
import { type ReportedProblem, reportedText } from "./boot-report.ts";

export type Remark =
  | { readonly level: "info"; readonly text: string }
  | { readonly level: "warn" | "error"; readonly problem: ReportedProblem };

/** Logs remarks, each at its level. */
export function tell(log: Log, remarks: readonly Remark[]): void {
  for (const remark of remarks) {
    log[remark.level](remark.level === "info" ? remark.text : reportedText(remark.problem));
  }
}

/** The remarks that belong into the report of the boot. */
export function problemsOf(remarks: readonly Remark[]): readonly ReportedProblem[] {
  return remarks.flatMap((remark) => (remark.level === "info" ? [] : [remark.problem]));
}
