/** settings-committer: commits one transaction through the API (specification "api" 9.2). */
import { launchTransaction } from "../api/index.ts";
import { reportedText } from "../platform/boot-report.ts";
import { commitTransaction } from "../platform/commit-step.ts";
import { apiOf, type OptionShape, runProgram, socketOption } from "./program.ts";

const transactionOption: OptionShape = {
  name: "--transaction",
  value: "NAME",
  about: `the transaction (default ${launchTransaction})`,
};
const shape = {
  name: "settings-committer",
  about: "Makes the pending settings of a transaction live. Nothing is applied to the system.",
  options: [transactionOption, socketOption],
};

/** @returns 0, also if nothing is pending; 1 for a failure; 2 for a wrong command line */
export function main(args: readonly string[]): Promise<number> {
  return runProgram(shape, args, async (given, say) => {
    const { call } = apiOf(given);
    const result = await commitTransaction({ call, log: say }, given.value(transactionOption.name));
    for (const problem of result.problems) say.error(reportedText(problem));
    (result.outcome === "failed" ? say.error : say.info)(result.summary);
    return result.outcome === "failed" ? 1 : 0;
  });
}
