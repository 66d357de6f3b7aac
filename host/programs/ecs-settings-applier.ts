/** ecs-settings-applier: the configuration of the agent of Amazon ECS (specification "rendered-config" 9.3). */
import { fetchModel } from "../apply/index.ts";
import { writeEcsConfig } from "../platform/orchestrator/index.ts";
import { tell } from "../platform/remarks.ts";
import { loadInstalledVariant } from "../settings/index.ts";
import { apiOf, runProgram, socketOption } from "./program.ts";

const shape = {
  name: "ecs-settings-applier",
  about: "Writes the configuration of the ECS agent from settings.ecs and settings.autoscaling.",
  options: [socketOption],
};

/** @returns 0, also where there is no ECS; 1 for a failure, which leaves the file as it was; 2 for wrong usage */
export function main(args: readonly string[]): Promise<number> {
  return runProgram(shape, args, async (given, say) => {
    if ((await loadInstalledVariant()).runtime !== "ecs") return 0;
    tell(say, await writeEcsConfig("/", await fetchModel(apiOf(given).call)));
    return 0;
  });
}
