/** Host containers brought in line with the settings. What answers to `host-containers` is here. */
import { defaultTarget, hasProcesses, isInstalled, pullsOf } from "../linux/units.ts";
import { forgetContainer, goneContainers, writeContainerFiles } from "./container-files.ts";
import {
  hostContainerCommands,
  hostContainerEnvironment,
  hostContainerUnit,
  isAffected,
  readHostContainers,
} from "./host-containers.ts";
import {
  type Attempt,
  attemptAll,
  type ContainersHost,
  isRuntimeActive,
  requireUnit,
  runCommands,
  WrongSettings,
} from "./set-up.ts";

/** Host containers are part of it. */
const hostTarget = "multi-user.target";

/**
 * Writes the files of the containers that a change affects, and starts or stops them. Containers that are not declared
 * any more are stopped and forgotten, except for what they have stored.
 *
 * @param member   the member `host-containers` of the settings, `undefined` if there is none
 * @param changed  keys of changed settings; `undefined` if everything may have changed
 * @throws  Failure that tells all problems; whatever has none is done
 */
export async function setUpHostContainers(
  host: ContainersHost,
  member: unknown,
  changed?: readonly string[],
): Promise<void> {
  const { root } = host;
  const entries = readHostContainers(member);
  const gone = await goneContainers(root, "host", entries);
  const attempts = [
    ...entries
      .filter(({ name }) => isAffected(name, changed))
      .map((entry): Attempt => {
        const { name } = entry;
        if ("problem" in entry) return { name, run: () => Promise.reject(new WrongSettings(entry.problem)) };
        const { container } = entry;
        return {
          name,
          async run() {
            await writeContainerFiles(root, "host", container, hostContainerEnvironment(container));
            await bringInLine(host, name, container.isEnabled);
          },
        };
      }),
    ...gone.map(
      (name): Attempt => ({
        name,
        async run() {
          await forgetContainer(root, "host", name, () => bringInLine(host, name, false));
          host.log.info(`host container ${name} is not declared any more and was taken away`);
        },
      }),
    ),
  ];
  await attemptAll("host", attempts, entries.length + gone.length);
}

async function bringInLine(host: ContainersHost, name: string, isEnabled: boolean): Promise<void> {
  const { root } = host;
  const unit = hostContainerUnit(name);
  if (isEnabled) await requireUnit(root, "host", unit);
  else if (!(await isInstalled(root, unit))) return;
  const isPulledIn = (await pullsOf(root, hostTarget, unit)).length > 0;
  const commands = hostContainerCommands(name, isEnabled, {
    isInUse: isPulledIn || (await hasProcesses(root, unit)),
    isRuntimeActive: await isRuntimeActive(host),
    isUp: (await defaultTarget(root)) === hostTarget,
  });
  await runCommands(host, commands);
}
