/** sundog: runs the generators of settings that are not set (specification "api" 10). */
import { callApi } from "../api/index.ts";
import { failureText } from "../linux/failure.ts";
import { log } from "../linux/log.ts";
import { reportedText } from "../platform/boot-report.ts";
import { generateSettings } from "../platform/generators-step.ts";
import { readOptions, wrongUsage } from "../platform/program-options.ts";
import { buildModel, loadInstalledVariant } from "../settings/index.ts";

const USAGE = `Stages generated values for settings that have none, in the transaction of the boot.

Usage: sundog [OPTIONS]

  --socket-path PATH     the API's socket (default /run/api.sock)
  --log-level LEVEL      off, error, warn, info, debug or trace (default info)
`;

/** @returns 0; 1 if a generator failed (the others' values are staged) or the API did; 2 for a wrong command line */
export async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if ("problem" in options) return wrongUsage("sundog", options.problem, USAGE);
  const say = log("sundog", options.logLevel);
  try {
    const call = (method: string, uri: string, body?: string) =>
      callApi(options.socketPath, method, uri, body);
    const model = buildModel(await loadInstalledVariant());
    const result = await generateSettings({ call, model, log: say });
    for (const problem of result.problems) say.error(reportedText(problem));
    (result.outcome === "failed" ? say.error : say.info)(result.summary);
    return result.outcome === "failed" ? 1 : 0;
  } catch (error) {
    say.error(failureText(error));
    return 1;
  }
}
