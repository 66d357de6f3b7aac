/** The status of a host as people read it: what is wrong first, then a line for each thing there is. */
import type { ContainerStatus, Finding, HostStatus, UnitStatus } from "../host-status.ts";
import { sizeText } from "../size-text.ts";

/** Ends with a newline. */
export function statusText(status: HostStatus): string {
  const { findings, units, containers } = status;
  return [
    ...(findings.length === 0 ? ["healthy: nothing is wrong"] : findingLines(findings)),
    "",
    ...aligned([
      ...containers.map((container) => [
        `${container.kind} container ${container.name}`,
        stateOf(container.unit),
        [container.wanted, exitOf(container.unit)].filter((part) => part !== "").join(", "),
        sinceOf(container.unit),
        imageOf(container),
      ]),
      ...problemsFirst(units).map((unit) => [unit.name, stateOf(unit), exitOf(unit), sinceOf(unit), ""]),
    ]),
    "",
    ...aligned(hostRows(status)),
    "",
  ].join("\n");
}

/** A line for each finding and one below it with what to do. */
export function findingLines(findings: readonly Finding[]): readonly string[] {
  return findings.flatMap(({ kind, text, hint }) => [
    `${kind === "problem" ? "problem" : "note   "} ${text}`,
    ...(hint === "" ? [] : [`    try: ${hint}`]),
  ]);
}

/** Columns as wide as their longest cell; nothing behind the last one. */
export function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

const problemsFirst = (units: readonly UnitStatus[]): readonly UnitStatus[] => [
  ...units.filter(({ problem }) => problem !== null),
  ...units.filter(({ problem }) => problem === null),
];

const stateOf = ({ state, "sub-state": sub }: UnitStatus): string => `${state} (${sub})`;

function exitOf({ "last-exit": exit, restarts }: UnitStatus): string {
  const how = exit === null ? [] : ["code" in exit ? `exit code ${exit.code}` : `signal ${exit.signal}`];
  const again = restarts === 0 ? [] : [`${restarts} ${restarts === 1 ? "restart" : "restarts"}`];
  return [...how, ...again].join(", ");
}

/** Enough of a digest to tell one from another, as people know it from other tools. */
const shownDigestLength = "sha256:".length + 12;

function imageOf({ source, image, pulling }: ContainerStatus): string {
  if (pulling === null) {
    return image === null ? source : `${image.source} (${image.digest.slice(0, shownDigestLength)})`;
  }
  const { "received-bytes": received, "total-bytes": total } = pulling;
  if (total === null) return `pulling ${pulling.source}`;
  if (received === total) return `unpacking ${pulling.source}`;
  return `pulling ${pulling.source}: ${sizeText(received)} of ${sizeText(total)}`;
}

const sinceOf = ({ since }: UnitStatus): string =>
  since === null ? "" : `since ${since.replace(".000Z", "Z")}`;

function hostRows(status: HostStatus): readonly (readonly string[])[] {
  const { boot, sets, disks, memory, "last-apply": apply, "clock-synchronised": clock } = status;
  const { "total-bytes": total, "available-bytes": available } = memory;
  const good = sets?.["marked-good"] === true ? "marked good" : "not marked good";
  return [
    ["boot", boot.outcome === "failed" ? `failed: ${boot["failed-steps"].join(", ")}` : boot.outcome],
    ["last change", apply === null ? "none since the boot" : `${apply.state}, of ${apply["committed-at"]}`],
    ...(sets === null ? [] : [["set", `${sets.active}, ${good}; next ${sets.next ?? "none"}`]]),
    ...disks.map((disk) => [
      `disk ${disk.path}`,
      `${sizeText(disk["free-bytes"])} free of ${sizeText(disk["size-bytes"])}, ${disk.device}`,
    ]),
    ["memory", `${sizeText(available)} available of ${sizeText(total)}`],
    ["clock", clock === null ? "not known" : clock ? "synchronised" : "not synchronised"],
  ];
}
