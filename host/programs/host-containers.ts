/** host-containers: the containers that run beside the orchestrator (specification "containers" 4). */
import { containersHost, setUpHostContainers } from "../containers/index.ts";
import { apiOf, runProgram, socketOption } from "./program.ts";
import { readMember } from "./settings-member.ts";

const shape = {
  name: "host-containers",
  about: `Brings the host containers in line with settings.host-containers.
CHANGED_SETTINGS in the environment, keys with spaces between them, limits that to what a change affects.`,
  options: [socketOption],
};

/** @returns 0; 1 if a container could not be set up (the others are); 2 for a wrong command line */
export function main(args: readonly string[]): Promise<number> {
  return runProgram(shape, args, async (given, say) => {
    const declared = await readMember(apiOf(given).socketPath, "host-containers");
    const changed = (process.env.CHANGED_SETTINGS ?? "").split(/\s+/).filter((key) => key !== "");
    await setUpHostContainers(containersHost("/", say), declared, changed);
    return 0;
  });
}
