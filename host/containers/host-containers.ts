/**
 * What host containers should be, and which commands make them so.
 *
 * @source  specification "containers" 4
 */
import {
  type Declared,
  type Entry,
  readContainers,
  type Table,
  tableOf,
  type WrongMember,
} from "./declared.ts";
import { type LimitName, type LimitTexts, limitLines, limitNames, readLimits } from "./limits.ts";
import { cleanUp, systemctl, type UnitCommand } from "./unit-commands.ts";

export interface HostContainer extends Declared {
  readonly isEnabled: boolean;
  readonly isSuperpowered: boolean;
  /** They can be read. */
  readonly limits: LimitTexts;
}

/** Reads the member `host-containers` of the settings, `undefined` if there is none. */
export function readHostContainers(member: unknown): readonly Entry<HostContainer>[] {
  return readContainers("host-containers", member, (common, { enabled, superpowered, limits }) => {
    const texts = limitTexts(tableOf(limits));
    if ("problem" in texts) return texts;
    return { ...common, isEnabled: enabled === true, isSuperpowered: superpowered === true, limits: texts };
  });
}

function limitTexts(table: Table): LimitTexts | WrongMember {
  const given = limitNames.filter((name) => table[name] !== undefined);
  const texts: LimitTexts = Object.fromEntries(given.map((name) => [name, String(table[name])]));
  const limits = readLimits(texts);
  return "wrong" in limits ? { member: ["limits", limits.wrong], problem: whatItIsNot[limits.wrong] } : texts;
}

const whatItIsNot: Readonly<Record<LimitName, string>> = {
  memory: "is not an amount of memory",
  cpu: "is not a number of processors",
  pids: "is not a number of processes",
};

const prefix = "settings.host-containers.";

/**
 * Whether a change touches a container: its own settings, or anything that is no host container's, such as the proxy.
 *
 * @param changed  keys; `undefined` or none means that everything may have changed
 */
export function isAffected(name: string, changed: readonly string[] | undefined): boolean {
  if (changed === undefined || changed.length === 0) return true;
  return changed.some((key) => key.startsWith(`${prefix}${name}.`) || !key.startsWith(prefix));
}

export function hostContainerUnit(name: string): string {
  return `host-containers@${name}.service`;
}

/** The environment file of the unit (specification "containers" 4.3); what the reference does not have comes last. */
export function hostContainerEnvironment(container: HostContainer): string {
  return [
    `CTR_SUPERPOWERED=${container.isSuperpowered}`,
    `CTR_SOURCE=${container.source}`,
    "",
    "# Whether the container runs is told to systemd by enabling its unit; here it is only noted.",
    `# CTR_ENABLED=${container.isEnabled}`,
    limitLines(container.limits),
  ].join("\n");
}

/** The unit of a container as it was found. */
export interface HostUnitFacts {
  /** Enabled, or running. */
  readonly isInUse: boolean;
  /** The runtime of the containers is active. */
  readonly isRuntimeActive: boolean;
  /** The default target is the one that host containers are part of. */
  readonly isUp: boolean;
}

/**
 * The commands that bring a container in line with its files, in order: stopped, cleaned up, enabled or disabled. None
 * if the container is disabled and was never started: most hosts have such containers, and systemd is busy at boot.
 */
export function hostContainerCommands(
  name: string,
  isEnabled: boolean,
  { isInUse, isRuntimeActive, isUp }: HostUnitFacts,
): readonly UnitCommand[] {
  const mayHaveRun = isInUse || isRuntimeActive;
  if (!isEnabled && !mayHaveRun) return [];
  const unit = hostContainerUnit(name);
  // systemd starts and stops it now only where it will not do so by itself, on its way to the target.
  const when = isUp ? ["--now", "--no-block"] : ["--no-reload", "--no-block"];
  return [
    // That systemd does not know the unit yet is no failure.
    ...(mayHaveRun ? [{ ...systemctl("stop", unit), mayFail: true } as const] : []),
    ...(isRuntimeActive ? [cleanUp(name)] : []),
    systemctl(isEnabled ? "enable" : "disable", unit, ...when),
  ];
}
