/** What of this boot failed, in few words: for a version that is about to be given up. Acts. */
import { join } from "node:path";
// Not through the room's index, which would load the template engine.
import { runtimeDirectory } from "../apply/runtime-directory.ts";
import { failureText } from "../linux/failure.ts";
import { readTextIfExists } from "../linux/files.ts";
import { readBootFacts } from "./boot-report-facts.ts";
import { failedUnits } from "./look.ts";

/** @returns clauses: what configuring the host came to where it was not done, and the units that have failed */
export async function whatFailed(root: string): Promise<readonly string[]> {
  const report = await readTextIfExists(
    join(runtimeDirectory(join(root, "run/api.sock")), "boot-report.json"),
  );
  const { boot, problems } = readBootFacts(report);
  const configuring = boot.outcome === "not-configured" ? ["it was never configured"] : problems;
  return [...configuring, ...(await failedUnitsClause())];
}

async function failedUnitsClause(): Promise<readonly string[]> {
  try {
    const names = await failedUnits();
    return names.length === 0 ? [] : [`failed units: ${names.join(", ")}`];
  } catch (error) {
    return [failureText(error)];
  }
}
