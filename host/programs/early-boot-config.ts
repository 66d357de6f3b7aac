/** early-boot-config: stages the user data of the first boot (specification "platform" 2). */
import { callApi } from "../api/index.ts";
import { failureText } from "../linux/failure.ts";
import { log } from "../linux/log.ts";
import { reportedText } from "../platform/boot-report.ts";
import { readOptions, wrongUsage } from "../platform/program-options.ts";
import { stageUserData } from "../platform/user-data-step.ts";
import { buildModel, loadInstalledVariant } from "../settings/index.ts";

const USAGE = `Stages the settings of the user data in the transaction of the boot.

Usage: early-boot-config [OPTIONS]

  --socket-path PATH     the API's socket (default /run/api.sock)
  --log-level LEVEL      off, error, warn, info, debug or trace (default info)
`;

/** @returns 0, also without user data; 1 for a failure, then nothing is staged; 2 for a wrong command line */
export async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if ("problem" in options) return wrongUsage("early-boot-config", options.problem, USAGE);
  const say = log("early-boot-config", options.logLevel);
  try {
    const call = (method: string, uri: string, body?: string) =>
      callApi(options.socketPath, method, uri, body);
    const model = buildModel(await loadInstalledVariant());
    const result = await stageUserData({ root: "/", call, model, log: say });
    const failed = result.outcome === "failed";
    for (const problem of result.problems) (failed ? say.error : say.warn)(reportedText(problem));
    // No user data is a warning (specification "platform" 2.3).
    (failed ? say.error : result.outcome === "skipped" ? say.warn : say.info)(result.summary);
    return failed ? 1 : 0;
  } catch (error) {
    say.error(failureText(error));
    return 1;
  }
}
