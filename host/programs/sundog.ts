/** sundog: runs the generators of settings that are not set (specification "api" 10). */
import { reportedText } from "../platform/boot-report.ts";
import { generateSettings } from "../platform/generators-step.ts";
import { buildModel, loadInstalledVariant } from "../settings/index.ts";
import { apiOf, runProgram, socketOption } from "./program.ts";

const shape = {
  name: "sundog",
  about: "Stages generated values for settings that have none, in the transaction of the boot.",
  options: [socketOption],
};

/** @returns 0; 1 if a generator failed (the others' values are staged) or the API did; 2 for a wrong command line */
export function main(args: readonly string[]): Promise<number> {
  return runProgram(shape, args, async (given, say) => {
    const { call } = apiOf(given);
    const model = buildModel(await loadInstalledVariant());
    const result = await generateSettings({ call, model, log: say });
    for (const problem of result.problems) say.error(reportedText(problem));
    (result.outcome === "failed" ? say.error : say.info)(result.summary);
    return result.outcome === "failed" ? 1 : 0;
  });
}
