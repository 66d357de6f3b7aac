/**
 * What bootstrap containers should be, and which commands make them so. Nothing is started by them: the units run on
 * the way to the target that pulls them in.
 *
 * @source  specification "containers" 5
 */
import type { Pull } from "../linux/units.ts";
import { type Declared, type Entry, readContainers } from "./declared.ts";
import { cleanUp, systemctl, type UnitCommand } from "./unit-commands.ts";

export const bootstrapModes = ["off", "once", "always"] as const;
export type BootstrapMode = (typeof bootstrapModes)[number];

export interface BootstrapContainer extends Declared {
  readonly mode: BootstrapMode;
  /** The boot stops if it fails. */
  readonly isEssential: boolean;
}

/** The target that bootstrap containers run before. */
export const bootstrapTarget = "configured.target";

/** Reads the member `bootstrap-containers` of the settings, `undefined` if there is none. */
export function readBootstrapContainers(member: unknown): readonly Entry<BootstrapContainer>[] {
  return readContainers("bootstrap-containers", member, (common, { mode, essential }) => ({
    ...common,
    mode: parseBootstrapMode(mode) ?? "off",
    isEssential: essential === true,
  }));
}

/** @returns `undefined` for anything but a mode */
export function parseBootstrapMode(value: unknown): BootstrapMode | undefined {
  return bootstrapModes.find((mode) => mode === value);
}

export function bootstrapUnit(name: string): string {
  return `bootstrap-containers@${name}.service`;
}

/** The environment file of the unit. */
export function bootstrapEnvironment({ source, mode }: BootstrapContainer): string {
  return `CTR_SOURCE=${source}\nCTR_MODE=${mode}\n`;
}

/** How the target pulls the unit in once it is enabled. */
export function pullOf({ isEssential }: BootstrapContainer): Pull {
  return isEssential ? "requires" : "wants";
}

/** The part of the unit that its template cannot have, as a drop-in. */
export function bootstrapDropIn(container: BootstrapContainer): string {
  const option = { requires: "RequiredBy", wants: "WantedBy" }[pullOf(container)];
  return `[Install]\n${option}=${bootstrapTarget}\n`;
}

/** The unit of a container as it was found. */
export interface BootstrapUnitFacts {
  /** How the target pulls it in; not at all if it is not enabled. */
  readonly pulls: readonly Pull[];
  /** The runtime of the containers is active. */
  readonly isRuntimeActive: boolean;
}

/** The commands that take a container out of the boot; none if it is not in it and cannot have left anything. */
export function disableCommands(
  name: string,
  { pulls, isRuntimeActive }: BootstrapUnitFacts,
): readonly UnitCommand[] {
  if (pulls.length === 0 && !isRuntimeActive) return [];
  return [disable(name), ...(isRuntimeActive ? [cleanUp(runtimeId(name))] : [])];
}

/** The commands that bring a container in line with its files; none if it is so already. */
export function bootstrapCommands(
  container: BootstrapContainer,
  facts: BootstrapUnitFacts,
): readonly UnitCommand[] {
  const { name, mode } = container;
  if (mode === "off") return disableCommands(name, facts);
  const { pulls, isRuntimeActive } = facts;
  const pull = pullOf(container);
  if (pulls.length === 1 && pulls[0] === pull) return [];
  return [
    ...(isRuntimeActive && pulls.length === 0 ? [cleanUp(runtimeId(name))] : []),
    // Enabling adds a link and takes none away: a container would stay essential that no longer is.
    ...(pulls.some((found) => found !== pull) ? [disable(name)] : []),
    systemctl("enable", bootstrapUnit(name), "--no-reload"),
  ];
}

const disable = (name: string) => systemctl("disable", bootstrapUnit(name), "--no-reload");

/** The container in the runtime. Host containers are there under their names, which have no dots. */
const runtimeId = (name: string) => `boot.${name}`;
