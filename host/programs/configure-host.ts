/** configure-host: the boot's steps from user data to running services, in one process. */
import { callApi } from "../api/index.ts";
import { thisHost } from "../apply/index.ts";
import { failureText } from "../linux/failure.ts";
import { log } from "../linux/log.ts";
import { configureHost } from "../platform/configure.ts";
import { readOptions, wrongUsage } from "../platform/program-options.ts";
import { buildModel, loadInstalledVariant } from "../settings/index.ts";

const USAGE = `Configures this host at boot: user data, generated settings, configuration files, services.

Usage: configure-host [OPTIONS]

  --socket-path PATH     the API's socket (default /run/api.sock)
  --log-level LEVEL      off, error, warn, info, debug or trace (default info)

What became of each step can be read later with: apiclient get /boot/report
`;

/** @returns 0; 1 if a step failed (the others were run); 2 for a wrong command line */
export async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if ("problem" in options) return wrongUsage("configure-host", options.problem, USAGE);
  const say = log("configure-host", options.logLevel);
  try {
    const call = (method: string, uri: string, body?: string) =>
      callApi(options.socketPath, method, uri, body);
    const model = buildModel(await loadInstalledVariant());
    const applier = thisHost(options.socketPath, call, say);
    return (await configureHost({ root: "/", call, model, log: say }, applier)) ? 0 : 1;
  } catch (error) {
    say.error(failureText(error));
    return 1;
  }
}
