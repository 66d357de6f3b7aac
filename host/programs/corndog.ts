/** corndog: kernel settings from the API into the running kernel (specification "platform" 8). */
import { applyLockdown, applySysctls } from "../platform/kernel-settings.ts";
import { tell } from "../platform/remarks.ts";
import { apiOf, runProgram, socketOption } from "./program.ts";
import { readMember } from "./settings-member.ts";

const shape = {
  name: "corndog",
  about: "Sets kernel parameters from the settings of this host.",
  commands: {
    sysctl: "set the sysctls of settings.kernel.sysctl",
    lockdown: "set the mode of settings.kernel.lockdown",
  },
  options: [socketOption],
};

const ROOT = "/";

/** @returns 0; 1 for a failure; 2 for a wrong command line */
export function main(args: readonly string[]): Promise<number> {
  return runProgram(shape, args, async (given, say) => {
    const kernel = await readMember(apiOf(given).socketPath, "kernel");
    const apply = given.command === "sysctl" ? applySysctls : applyLockdown;
    tell(say, await apply(ROOT, kernel));
    return 0;
  });
}
