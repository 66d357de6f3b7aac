/** settings-committer: commits one transaction through the API (specification "api" 9.2). */
import { callApi } from "../api/index.ts";
import { failureText } from "../linux/failure.ts";
import { log } from "../linux/log.ts";
import { reportedText } from "../platform/boot-report.ts";
import { commitTransaction, launchTransaction } from "../platform/commit-step.ts";
import { readOptions, wrongUsage } from "../platform/program-options.ts";

const USAGE = `Makes the pending settings of a transaction live. Nothing is applied to the system.

Usage: settings-committer [OPTIONS]

  --transaction NAME     the transaction (default ${launchTransaction})
  --socket-path PATH     the API's socket (default /run/api.sock)
  --log-level LEVEL      off, error, warn, info, debug or trace (default info)
`;

/** @returns 0, also if nothing is pending; 1 for a failure; 2 for a wrong command line */
export async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args, { values: ["--transaction"] });
  if ("problem" in options) return wrongUsage("settings-committer", options.problem, USAGE);
  const say = log("settings-committer", options.logLevel);
  try {
    const call = (method: string, uri: string, body?: string) =>
      callApi(options.socketPath, method, uri, body);
    const result = await commitTransaction({ call, log: say }, options.values.get("--transaction"));
    for (const problem of result.problems) say.error(reportedText(problem));
    (result.outcome === "failed" ? say.error : say.info)(result.summary);
    return result.outcome === "failed" ? 1 : 0;
  } catch (error) {
    say.error(failureText(error));
    return 1;
  }
}
