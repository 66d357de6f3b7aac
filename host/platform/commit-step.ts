/** Committing the boot's transaction (specification "api" 9.2). Nothing is applied here. */

import { launchTransaction } from "../api/index.ts";
import type { CallApi } from "../apply/index.ts";
import type { Log } from "../linux/log.ts";
import type { StepResult } from "./boot-report.ts";

/**
 * Makes a transaction's pending settings live.
 *
 * @throws  Error if the API cannot be reached
 */
export async function commitTransaction(
  host: { readonly call: CallApi; readonly log: Log },
  transaction: string = launchTransaction,
): Promise<StepResult> {
  const query = `tx=${encodeURIComponent(transaction)}`;
  const pending = await host.call("GET", `/tx?${query}`);
  if (pending.status === 200) host.log.debug(`pending in ${transaction}: ${pending.body}`);
  else host.log.warn(`GET /tx?${query} answered ${pending.status}: ${pending.body}`);

  const uri = `/tx/commit?${query}`;
  const { status, body } = await host.call("POST", uri);
  if (status >= 200 && status <= 299) {
    return { outcome: "done", summary: `transaction ${transaction} is committed`, problems: [] };
  }
  if (status === 422) {
    return { outcome: "skipped", summary: `nothing is pending in transaction ${transaction}`, problems: [] };
  }
  const problem = `status ${status}: ${body}`;
  // 400: the settings break a rule between them (host/settings/rules.ts), which another image could not help.
  const fault = status === 400 ? "given" : "image";
  return {
    outcome: "failed",
    summary: `transaction ${transaction} is not committed`,
    problems: [{ source: `POST ${uri}`, key: "", problem, accepted: "", fault }],
  };
}
