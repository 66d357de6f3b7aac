/** early-boot-config: stages the user data of the first boot (specification "platform" 2). */
import { reportedText } from "../platform/boot-report.ts";
import { markUserDataUsed, stageUserData } from "../platform/user-data-step.ts";
import { buildModel, loadInstalledVariant } from "../settings/index.ts";
import { apiOf, runProgram, socketOption } from "./program.ts";

const shape = {
  name: "early-boot-config",
  about: "Stages the settings of the user data in the transaction of the boot.",
  options: [socketOption],
};

/** @returns 0, also without user data; 1 for a failure, then nothing is staged; 2 for a wrong command line */
export function main(args: readonly string[]): Promise<number> {
  return runProgram(shape, args, async (given, say) => {
    const { call } = apiOf(given);
    const model = buildModel(await loadInstalledVariant());
    const result = await stageUserData({ root: "/", call, model, log: say });
    const failed = result.outcome === "failed";
    for (const problem of result.problems) (failed ? say.error : say.warn)(reportedText(problem));
    (failed ? say.error : result.warns ? say.warn : say.info)(result.summary);
    if (!failed) await markUserDataUsed({ root: "/", log: say });
    return failed ? 1 : 0;
  });
}
