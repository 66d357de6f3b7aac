/** sundog: runs the generators of settings that are not set (specification "api" 10). */
import { reportedText } from "../platform/boot-report.ts";
import { generateSettings, generateValues } from "../platform/generators-step.ts";
import { buildModel, loadInstalledVariant } from "../settings/index.ts";
import { apiOf, type ProgramShape, runProgram, socketOption } from "./program.ts";

const shape: ProgramShape = {
  name: "sundog",
  about: "Stages generated values for settings that have none, in the transaction of the boot.",
  options: [
    socketOption,
    {
      name: "--print",
      value: "KEY,KEY",
      about: "print generated values of these settings as JSON instead, whether or not they have one",
    },
  ],
};

/**
 * @returns 0; 1 if a generator failed (the others' values are staged or printed) or the API did; 2 for a wrong command
 *   line
 */
export function main(args: readonly string[]): Promise<number> {
  return runProgram(shape, args, async (given, say) => {
    const { call } = apiOf(given);
    const model = buildModel(await loadInstalledVariant());
    const keys = given.value("--print");
    if (keys !== undefined) {
      // Not the log's info, which goes to where the values are printed.
      const quiet = { ...say, warn: say.error, info: say.error };
      const { settings, problems } = await generateValues({ call, model, log: quiet }, keys.split(","));
      for (const problem of problems) say.error(reportedText(problem));
      process.stdout.write(`${JSON.stringify(settings)}\n`);
      return problems.length === 0 ? 0 : 1;
    }
    const result = await generateSettings({ call, model, log: say });
    for (const problem of result.problems) say.error(reportedText(problem));
    (result.outcome === "failed" ? say.error : say.info)(result.summary);
    return result.outcome === "failed" ? 1 : 0;
  });
}
