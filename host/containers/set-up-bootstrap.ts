/** Bootstrap containers brought in line with the settings: `bootstrap-containers create-containers`. */
import { dirname, join } from "node:path";
import { isInstalled, pullsOf } from "../linux/units.ts";
import {
  type BootstrapContainer,
  type BootstrapUnitFacts,
  bootstrapCommands,
  bootstrapDropIn,
  bootstrapEnvironment,
  bootstrapTarget,
  bootstrapUnit,
  disableCommands,
  readBootstrapContainers,
} from "./bootstrap-containers.ts";
import { forgetContainer, goneContainers, writeContainerFiles, writeIfDifferent } from "./container-files.ts";
import {
  type Attempt,
  attemptAll,
  type ContainersHost,
  isRuntimeActive,
  requireUnit,
  runCommands,
  WrongSettings,
} from "./set-up.ts";
import { systemctl } from "./unit-commands.ts";

/**
 * Writes the files of all containers and puts their units into the boot, or takes them out. Containers that are not
 * declared any more are taken out and forgotten, except for what they have stored. While the host boots, those that
 * were put into the boot are started, as systemd has made its plan before; after that nothing is started.
 *
 * @param member  the member `bootstrap-containers` of the settings, `undefined` if there is none
 * @throws  Failure that tells all problems; whatever has none is done
 */
export async function setUpBootstrapContainers(host: ContainersHost, member: unknown): Promise<void> {
  const entries = readBootstrapContainers(member);
  const gone = await goneContainers(host.root, "bootstrap", entries);
  const enabled: string[] = [];
  const attempts = [
    ...entries.map((entry): Attempt => {
      const { name } = entry;
      if ("problem" in entry) return { name, run: () => Promise.reject(new WrongSettings(entry.problem)) };
      return {
        name,
        async run() {
          if (await setUp(host, entry.container)) enabled.push(bootstrapUnit(name));
        },
      };
    }),
    ...gone.map((name): Attempt => ({ name, run: () => takeAway(host, name) })),
  ];
  try {
    await attemptAll("bootstrap", attempts, entries.length + gone.length);
  } finally {
    // Also when others failed: the host boots on without those.
    if (enabled.length > 0) await startInThisBoot(host, enabled);
  }
}

/** @returns whether it was put into the boot just now */
async function setUp(host: ContainersHost, container: BootstrapContainer): Promise<boolean> {
  const { root } = host;
  const unit = bootstrapUnit(container.name);
  await writeContainerFiles(root, "bootstrap", container, bootstrapEnvironment(container));
  await writeIfDifferent(dropInFile(root, unit), bootstrapDropIn(container));
  if (container.mode !== "off") await requireUnit(root, "bootstrap", unit);
  else if (!(await isInstalled(root, unit))) return false;
  const commands = bootstrapCommands(container, await factsOf(host, unit));
  await runCommands(host, commands);
  return container.mode !== "off" && commands.length > 0;
}

/** Starts units on the way to the target; does nothing once it has been reached, or cannot be reached any more. */
async function startInThisBoot(host: ContainersHost, units: readonly string[]): Promise<void> {
  const asked = await host.run(["systemctl", "show", "--property=Job", "--value", bootstrapTarget]);
  // The number of the job that waits to reach the target; 0 or nothing if there is none.
  if (!/^[1-9]\d*$/m.test(asked.stdout)) return;
  await runCommands(host, [systemctl("daemon-reload"), systemctl("start", "--no-block", ...units)]);
}

async function takeAway(host: ContainersHost, name: string): Promise<void> {
  const { root } = host;
  const unit = bootstrapUnit(name);
  const disable = async () => {
    if (!(await isInstalled(root, unit))) return;
    await runCommands(host, disableCommands(name, await factsOf(host, unit)));
  };
  await forgetContainer(root, "bootstrap", name, disable, [dirname(dropInFile(root, unit))]);
  host.log.info(`bootstrap container ${name} is not declared any more and was taken away`);
}

async function factsOf(host: ContainersHost, unit: string): Promise<BootstrapUnitFacts> {
  return {
    pulls: await pullsOf(host.root, bootstrapTarget, unit),
    isRuntimeActive: await isRuntimeActive(host),
  };
}

function dropInFile(root: string, unit: string): string {
  return join(root, "etc/systemd/system", `${unit}.d`, "overrides.conf");
}
