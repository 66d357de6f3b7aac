/** The containers of the settings and their units. Decides only. */
import type { ContainerStatus, UnitStatus } from "../api/index.ts";
// Not through the room's index, which would load the template engine.
import { bootstrapUnit, readBootstrapContainers } from "../containers/bootstrap-containers.ts";
import { hostContainerUnit, readHostContainers } from "../containers/host-containers.ts";
import type { RunRecord } from "../containers/run-record.ts";
import { runtimeIdOf } from "../containers/spec/profile.ts";
import { shortName, unitProblem } from "./shown-units.ts";

/** A container of the settings, and the unit that runs it. */
export type WantedContainer = Pick<ContainerStatus, "name" | "kind" | "wanted" | "source"> & {
  readonly unitName: string;
  /** In the runtime. */
  readonly id: string;
};

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
  ].map((container) => ({ ...container, id: runtimeIdOf(container) }));
}

/**
 * A container with its unit, and what is wrong with it.
 *
 * @param run  what its last run has left, undefined if it has not run since the host started
 * @param starting  whether the host is still on its way up: then what does not run yet is no problem
 */
export function containerStatus(
  container: WantedContainer,
  unit: UnitStatus,
  run: RunRecord | undefined,
  starting: boolean,
): ContainerStatus {
  const { name, kind, wanted, source } = container;
  // Whoever writes the record may have been killed: what it was doing then is over.
  const pulling = isUnderWay(unit) ? (run?.pulling ?? undefined) : undefined;
  return {
    ...{ name, kind, wanted, source, image: run?.image ?? null },
    pulling:
      pulling === undefined
        ? null
        : {
            source: pulling.source,
            "received-bytes": pulling.receivedBytes,
            "total-bytes": pulling.totalBytes,
            "failed-attempt": pulling.failedAttempt,
          },
    unit: { ...unit, problem: problemOf(container, unit, run?.problem ?? undefined, starting) },
  };
}

/** Whether the process of the unit is there, and not only another start of it ahead. */
function isUnderWay({ "sub-state": state }: UnitStatus): boolean {
  return state === "running" || state === "start";
}

function problemOf(
  { name, kind, wanted }: WantedContainer,
  unit: UnitStatus,
  known: string | undefined,
  starting: boolean,
): string | null {
  // A unit runs from the first attempt to pull on, whatever comes of that. One that failed is no problem as long as
  // others follow by themselves within the minute; a run that all of them failed is one until a later run comes up.
  if (known !== undefined && isUnderWay(unit)) {
    return `${unit.name}: ${known}: see apiclient logs ${shortName(unit.name)}`;
  }
  const problem = unitProblem(unit, known);
  if (wanted === "disabled" || wanted === "off") return unit.state === "failed" ? problem : null;
  if (problem !== null) return problem;
  if (kind === "bootstrap" || starting || unit.state !== "inactive") return null;
  return `Host container ${name} is enabled, but does not run: see apiclient logs ${name}`;
}
