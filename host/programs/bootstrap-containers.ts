/** bootstrap-containers: the containers that run at boot (specification "containers" 5). */
import {
  bootstrapModes,
  containerName,
  containersHost,
  markBootstrap,
  parseBootstrapMode,
  setUpBootstrapContainers,
} from "../containers/index.ts";
import type { Log } from "../linux/log.ts";
import {
  apiOf,
  type CommandShape,
  type Given,
  type ProgramShape,
  runCommandOf,
  socketOption,
} from "./program.ts";
import { readMember } from "./settings-member.ts";

const modes = bootstrapModes.join(", ");

const idOption = { name: "--container-id", value: "ID", about: "of mark-bootstrap: the container" } as const;
const modeOption = {
  name: "--mode",
  value: "MODE",
  about: `of mark-bootstrap: the mode in which it has run: ${modes}`,
} as const;

const shape: Omit<ProgramShape, "commands"> = {
  name: "bootstrap-containers",
  about: "Puts the containers of settings.bootstrap-containers into the boot.",
  commandLine: "subcommand",
  options: [socketOption, idOption, modeOption],
};

const commands: Readonly<Record<string, CommandShape>> = {
  "create-containers": { about: "write the files of all containers and enable their units", run: runCreate },
  "mark-bootstrap": { about: "set the mode of a container that has run once to off", run: runMark },
};

/** @returns 0; 1 for a failure and for a wrong command line */
export function main(args: readonly string[]): Promise<number> {
  return runCommandOf(shape, commands, args);
}

async function runCreate(given: Given, say: Log): Promise<number> {
  const declared = await readMember(apiOf(given).socketPath, "bootstrap-containers");
  await setUpBootstrapContainers(containersHost("/", say), declared);
  return 0;
}

async function runMark(given: Given): Promise<number> {
  const id = given.value(idOption.name);
  const word = given.value(modeOption.name);
  const mode = parseBootstrapMode(word);
  if (id === undefined || word === undefined) {
    return given.wrong(`mark-bootstrap needs ${idOption.name} and ${modeOption.name}`);
  }
  if (!containerName.test(id)) {
    return given.wrong(
      `${idOption.name} is ${JSON.stringify(id)}; accepted: 1 to 76 characters A-Z a-z 0-9 -`,
    );
  }
  if (mode === undefined) {
    return given.wrong(`${modeOption.name} is ${JSON.stringify(word)}; accepted: ${modes}`);
  }
  await markBootstrap(apiOf(given).call, id, mode);
  return 0;
}
