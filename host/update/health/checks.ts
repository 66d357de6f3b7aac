/**
 * What must hold before a boot on trial counts as good (settings.updates.health), and how what does not hold is told.
 * Decides only.
 *
 * Source: WEAKNESS in specification "updates" 4: there a boot is good before anything that the host is for has started.
 */
import type { ShownUnit } from "../../linux/units.ts";
import { durationSeconds } from "../../settings/quantities.ts";

/** A command in a host container that must end with exit code 0. */
export interface ContainerCheck {
  readonly name: string;
  readonly container: string;
  readonly command: readonly string[];
}

export interface HealthChecks {
  /** Units of systemd that must be active. */
  readonly units: readonly string[];
  readonly containers: readonly ContainerCheck[];
  /** How long they may take until all of them hold at once. */
  readonly limitMs: number;
}

const DEFAULT_LIMIT_S = 5 * 60; // said in the documentation of settings.updates.health.time-limit

/** @param updates  settings.updates as the API answers it, which has checked it; undefined if nothing in it is set */
export function healthChecksOf(updates: unknown): HealthChecks {
  const { units, "container-checks": containers, "time-limit": limit } = tableOf(tableOf(updates).health);
  return {
    units: wordsOf(units),
    containers: Object.entries(tableOf(containers)).map(([name, value]) => {
      const { container, command } = tableOf(value);
      return { name, container: String(container), command: wordsOf(command) };
    }),
    limitMs: (durationSeconds(String(limit)) ?? DEFAULT_LIMIT_S) * 1000,
  };
}

export const hasChecks = ({ units, containers }: HealthChecks): boolean =>
  units.length + containers.length > 0;

/** Why the check of a unit does not hold, as a clause; undefined if it does. */
export function unitProblem(name: string, { load, active, sub }: ShownUnit): string | undefined {
  if (active === "active" || active === "reloading") return undefined;
  if (load === "not-found") return `there is no unit ${name}`;
  return `${name} is ${active}${sub === active || sub === "" ? "" : ` (${sub})`}`;
}

/** How a command in a container ended. */
export interface Ran {
  readonly exitCode: number | undefined;
  /** "exit code 1", "did not end within 30 s". */
  readonly how: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Why the check in a container does not hold, as a clause with the last line of what was printed. */
export function containerProblem({ name, container }: ContainerCheck, ran: Ran): string | undefined {
  if (ran.exitCode === 0) return undefined;
  const output = lastLine(ran.stderr) ?? lastLine(ran.stdout);
  return `check ${name} in container ${container}: ${ran.how}${output === undefined ? "" : `: ${output}`}`;
}

const LONGEST_LINE = 200; // characters: it stands in a message, and in a file of which several are read at boot

function lastLine(text: string): string | undefined {
  const line = text.split(/[\r\n]+/).findLast((each) => each.trim() !== "");
  // What a container prints may hold what moves the cursor of a console.
  const shown = line?.replaceAll(/\p{Cc}+/gu, " ").trim();
  return shown === undefined || shown.length <= LONGEST_LINE ? shown : `${shown.slice(0, LONGEST_LINE)}…`;
}

type Table = Readonly<Record<string, unknown>>;

const tableOf = (value: unknown): Table =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Table) : {};

const wordsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((word) => typeof word === "string") : [];
