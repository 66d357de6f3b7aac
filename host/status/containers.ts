/** The containers of the settings and their units. Decides only. */
import type { ContainerStatus, UnitStatus } from "../api/index.ts";
// Not through the room's index, which would load the template engine.
import { bootstrapUnit, readBootstrapContainers } from "../containers/bootstrap-containers.ts";
import { hostContainerUnit, readHostContainers } from "../containers/host-containers.ts";

/** A container of the settings, and the unit that runs it. */
export type WantedContainer = Omit<ContainerStatus, "unit"> & { readonly unitName: string };

/**
 * All host and bootstrap containers of the settings.
 *
 * @param settings  nested, without an outer layer; those of containers that cannot be used are left out, as the report
 *   of applying them says
 */
export function wantedContainers(settings: Readonly<Record<string, unknown>>): readonly WantedContainer[] {
  const host = readHostContainers(settings["host-containers"]).flatMap((entry) =>
    "container" in entry ? [entry.container] : [],
  );
  const bootstrap = readBootstrapContainers(settings["bootstrap-containers"]).flatMap((entry) =>
    "container" in entry ? [entry.container] : [],
  );
  return [
    ...host.map(({ name, source, isEnabled }) => {
      const wanted = isEnabled ? "enabled" : "disabled";
      return { name, kind: "host" as const, wanted, source, unitName: hostContainerUnit(name) };
    }),
    ...bootstrap.map(({ name, source, mode }) => {
      return { name, kind: "bootstrap" as const, wanted: mode, source, unitName: bootstrapUnit(name) };
    }),
  ];
}

/**
 * A container with its unit, and what is wrong with it.
 *
 * @param starting  whether the host is still on its way up: then what does not run yet is no problem
 */
export function containerStatus(
  container: WantedContainer,
  unit: UnitStatus,
  starting: boolean,
): ContainerStatus {
  const { unitName, ...rest } = container;
  return { ...rest, unit: { ...unit, problem: problemOf(container, unit, starting) } };
}

function problemOf(
  { name, kind, wanted }: WantedContainer,
  unit: UnitStatus,
  starting: boolean,
): string | null {
  if (wanted === "disabled" || wanted === "off") return unit.state === "failed" ? unit.problem : null;
  if (unit.problem !== null) return unit.problem;
  if (kind === "bootstrap" || starting || unit.state !== "inactive") return null;
  return `Host container ${name} is enabled, but does not run: see apiclient logs ${name}`;
}
