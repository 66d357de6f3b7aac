/** configure-host: the boot's steps from user data to running services, in one process. */
import { thisHost } from "../apply/index.ts";
import { configureHost } from "../platform/configure.ts";
import { buildModel, loadInstalledVariant } from "../settings/index.ts";
import { apiOf, runProgram, socketOption } from "./program.ts";

const shape = {
  name: "configure-host",
  about: `Configures this host at boot: user data, generated settings, configuration files, services.
What became of each step can be read later with: apiclient get /boot/report`,
  options: [socketOption],
};

/** @returns 0; 1 if a step failed (the others were run); 2 for a wrong command line */
export function main(args: readonly string[]): Promise<number> {
  return runProgram(shape, args, async (given, say) => {
    const { socketPath, call } = apiOf(given);
    const model = buildModel(await loadInstalledVariant());
    const applier = thisHost(socketPath, call, say);
    return (await configureHost({ root: "/", call, model, log: say }, applier)) ? 0 : 1;
  });
}
