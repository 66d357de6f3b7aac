/** What `systemctl show` prints → units, and what is wrong with one. Decides only. */
import type { UnitStatus } from "../api/index.ts";

/** The properties that are asked for. */
export const unitProperties = [
  "Description", "LoadState", "ActiveState", "SubState", "Result", "ExecMainCode", "ExecMainStatus", "NRestarts",
  "StateChangeTimestamp",
] as const; // biome-ignore format: a table of names

/**
 * Reads what `systemctl show --timestamp=unix` prints of several units: blocks of NAME=VALUE lines with an empty line
 * between them, in the order of the command line. Units of some types lack some properties.
 *
 * @param names  as on the command line; what is printed under another name is an alias
 */
export function readShownUnits(names: readonly string[], printed: string): readonly UnitStatus[] {
  const blocks = printed.split(/\n{2,}/);
  return names.map((name, at) => unitStatus(name, readProperties(blocks[at] ?? "")));
}

/** NAME=VALUE lines. */
export function readProperties(text: string): ReadonlyMap<string, string> {
  const lines = text.split("\n").filter((line) => line.includes("="));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

function unitStatus(name: string, shown: ReadonlyMap<string, string>): UnitStatus {
  const loaded = shown.get("LoadState") ?? "not-found";
  const seconds = /^@(\d+)/.exec(shown.get("StateChangeTimestamp") ?? "")?.[1];
  const status = {
    name,
    description: shown.get("Description") ?? name,
    state: loaded === "loaded" || loaded === "masked" ? (shown.get("ActiveState") ?? "inactive") : loaded,
    "sub-state": shown.get("SubState") ?? "dead",
    result: shown.get("Result") ?? "success",
    "last-exit": lastExit(Number(shown.get("ExecMainCode") ?? 0), Number(shown.get("ExecMainStatus") ?? 0)),
    restarts: Number(shown.get("NRestarts") ?? 0),
    since: seconds === undefined ? null : new Date(Number(seconds) * 1000).toISOString(),
  };
  return { ...status, problem: unitProblem(status) };
}

// waitid(2): how a child has ended.
const EXITED = 1;
const KILLED = 2;
const DUMPED = 3;

function lastExit(code: number, status: number): UnitStatus["last-exit"] {
  if (code === EXITED) return { code: status };
  if (code !== KILLED && code !== DUMPED) return null;
  return { signal: `SIG${signalNames[status - 1] ?? status}` };
}

// signal(7): from number 1 on, the same on x86_64 and aarch64.
const signalNames = [
  "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
  "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO",
  "PWR", "SYS",
]; // biome-ignore format: a table of names

/**
 * One line about what is wrong with a unit, null if nothing is.
 *
 * @param known  what is known of its last end besides what systemd tells
 */
export function unitProblem(unit: Omit<UnitStatus, "problem">, known?: string): string | null {
  const { name, state, restarts } = unit;
  const more = known === undefined ? "" : `: ${known}`;
  if (state === "not-found") return `There is no unit ${name} on this host`;
  if (state === "bad-setting" || state === "error") return `The file of ${name} cannot be used (${state})`;
  if (state === "failed") {
    const times = restarts === 0 ? "" : ` ${restarts + 1} times, last`;
    return `${name} failed${times}${causeOf(unit)}${more}: see apiclient logs ${shortName(name)}`;
  }
  // Between two starts it is neither failed nor active, however often that has been going on.
  if (unit["sub-state"].startsWith("auto-restart")) {
    const times = `restarted ${restarts} ${restarts === 1 ? "time" : "times"}`;
    return `${name} does not stay up: ${times}, last it ended${causeOf(unit)}${more}: see apiclient logs ${shortName(name)}`;
  }
  return null;
}

/** As in `apiclient logs`. */
export const shortName = (unit: string): string => unit.replace(/\.service$/, "");

// The results of a service (systemd.exec(5), $SERVICE_RESULT) whose exit says less than the result.
const causes: Readonly<Record<string, string>> = {
  timeout: " because it did not start or stop in time",
  watchdog: " because it did not report in time",
  "oom-kill": " because it ran out of memory",
  protocol: " because it ended before it had reported that it is ready",
  resources: " because the system could not give it what it needs",
  dependency: " because a unit that it needs failed",
};

function causeOf(unit: Omit<UnitStatus, "problem">): string {
  const cause = causes[unit.result];
  if (cause !== undefined) return cause;
  const exit = unit["last-exit"];
  if (exit !== null) return "code" in exit ? ` with exit code ${exit.code}` : ` by signal ${exit.signal}`;
  return unit.result === "success" ? "" : ` (${unit.result})`;
}
