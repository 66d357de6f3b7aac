/** Looks at everything and puts it together. Acts; what it means is decided elsewhere. */
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Diagnosis, HostStatus, LookInput, UnitStatus } from "../api/index.ts";
// Not through the room's index, which would load the template engine.
import { readHistory } from "../apply/history.ts";
import { commitOutcomes } from "../apply/outcomes.ts";
import { runtimeDirectory } from "../apply/runtime-directory.ts";
import { readToDo } from "../apply/to-do.ts";
import { parseRunRecord, type RunRecord, runRecordFile } from "../containers/run-record.ts";
import { Failure, failureText } from "../linux/failure.ts";
import { readTextIfExists, realPathIfExists } from "../linux/files.ts";
import { endText, run } from "../linux/process.ts";
import { nextSet, readHostSets, refusedVersions, unmetChecks } from "../update/index.ts";
import { askRegistries } from "./ask-registries.ts";
import { readBootFacts } from "./boot-report-facts.ts";
import { containerStatus, wantedContainers } from "./containers.ts";
import { fail } from "./failures.ts";
import { type Facts, findingsOf } from "./findings.ts";
import { mountedDisks } from "./mounted-disks.ts";
import { registriesToAsk } from "./registries.ts";
import { readProperties, readShownUnits, unitProperties } from "./shown-units.ts";
import { bootTimeline, isStarting, managerProperties } from "./timeline.ts";

// Below the 10 s after which the runtime of the server hangs up on whoever has asked. Showing forty units takes seconds on
// a slow machine.
const SYSTEMCTL_MS = 8000;
const CHRONYC_MS = 2000;

/**
 * Looks at the host.
 *
 * @param root  the directory under which the host's files are found: "/" on a host
 * @param deep  whether registries are asked, too
 * @throws  Failure "status/…" when systemd or the image cannot say what there is to look at
 */
export async function lookAtHost(
  root: string,
  { settings, trial }: LookInput,
  deep: boolean,
): Promise<HostStatus | Diagnosis> {
  const runtime = runtimeDirectory(join(root, "run/api.sock"));
  const wanted = wantedContainers(settings);
  const [own, failed, report] = await Promise.all([
    unitsOfImage(root),
    failedUnits(),
    readTextIfExists(join(runtime, "boot-report.json")),
  ]);
  const containerUnits = wanted.map(({ unitName }) => unitName);
  const names = [...new Set([...own, ...failed])].filter((name) => !containerUnits.includes(name));
  const [
    shown,
    runs,
    manager,
    disks,
    memory,
    clock,
    sets,
    history,
    toDo,
    registries,
    reconcile,
    unmet,
    refused,
  ] = await Promise.all([
    showUnits([...names, ...containerUnits]),
    Promise.all(wanted.map(({ id }) => lastRun(root, id))),
    showManager(),
    freeSpace(root),
    memoryOf(root),
    isClockSynchronised(),
    setsOf(root),
    readHistory(runtime),
    readToDo(runtime),
    deep ? askRegistries(registriesToAsk(settings)) : [],
    realPathIfExists(join(runtime, "reboot-to-reconcile")),
    unmetChecks(root),
    refusedVersions(root),
  ]);
  const starting = isStarting(manager);
  const { boot, steps, problems: bootProblems } = readBootFacts(report);
  const last = commitOutcomes(history, toDo).at(-1);
  const facts: Facts = {
    units: shown.slice(0, names.length),
    containers: wanted.flatMap((container, at) => {
      const unit = shown[names.length + at];
      return unit === undefined ? [] : [containerStatus(container, unit, runs[at], starting)];
    }),
    boot,
    "last-apply":
      last === undefined ? null : { id: last.id, state: last.state, "committed-at": last["committed-at"] },
    sets: sets.found,
    disks,
    memory,
    "clock-synchronised": clock,
    starting,
    bootProblems,
    setsProblem: sets.problem,
    unmetChecks: unmet,
    refusedVersions: refused,
    rebootPending: reconcile !== undefined,
    trial,
    registries,
  };
  const status = statusOf(facts);
  return deep ? { ...status, timeline: bootTimeline(manager, steps), registries } : status;
}

function statusOf(facts: Facts): HostStatus {
  const {
    starting,
    bootProblems,
    setsProblem,
    unmetChecks,
    refusedVersions,
    rebootPending,
    trial,
    registries,
    ...seen
  } = facts;
  const findings = findingsOf(facts);
  return { healthy: findings.every(({ kind }) => kind !== "problem"), findings, ...seen };
}

/** The units that the image was built with, sorted. */
async function unitsOfImage(root: string): Promise<readonly string[]> {
  const file = join(root, "usr/lib/pinwheel/units.json");
  const text = await readTextIfExists(file);
  try {
    const names: unknown = JSON.parse(text ?? "null");
    if (Array.isArray(names) && names.every((name) => typeof name === "string")) return names;
  } catch (cause) {
    throw fail("status/no-units", { file }, { cause });
  }
  throw fail("status/no-units", { file });
}

/** Names of the units that have failed and were not started since. */
export async function failedUnits(): Promise<readonly string[]> {
  const printed = await systemctl(
    "list-units",
    "--state=failed",
    "--no-legend",
    "--plain",
    "--full",
    "--no-pager",
  );
  return printed.split("\n").flatMap((line) => /^(\S+\.\w+)\s/.exec(line)?.[1] ?? []);
}

async function showUnits(names: readonly string[]): Promise<readonly UnitStatus[]> {
  if (names.length === 0) return [];
  const properties = `--property=${unitProperties.join(",")}`;
  return readShownUnits(names, await systemctl("show", "--timestamp=unix", properties, "--", ...names));
}

/** What the last run of a container has left. */
async function lastRun(root: string, id: string): Promise<RunRecord | undefined> {
  return parseRunRecord(await readTextIfExists(runRecordFile(join(root, "run/host-containerd"), id)));
}

async function showManager(): Promise<ReadonlyMap<string, string>> {
  return readProperties(await systemctl("show", `--property=${managerProperties.join(",")}`));
}

async function systemctl(...words: readonly string[]): Promise<string> {
  const options = { timeoutMs: SYSTEMCTL_MS };
  const command = `systemctl ${words[0]}`;
  const result = await run(["systemctl", ...words], options).catch((cause: unknown) => {
    throw fail("status/no-systemd", { command, how: "cannot be started" }, { cause });
  });
  if (result.exitCode === 0) return result.stdout;
  const how = `${endText(result, options)} ${result.stderr.trim()}`.trim();
  throw fail("status/no-systemd", { command, how });
}

async function freeSpace(root: string): Promise<HostStatus["disks"]> {
  const disks = mountedDisks((await readTextIfExists(join(root, "proc/self/mountinfo"))) ?? "");
  const found = await Promise.all(
    disks.map(async (disk) => {
      const space = await statfs(disk.path).catch(() => undefined); // unmounted since, or hidden by another mount
      return space === undefined
        ? []
        : [{ ...disk, "size-bytes": space.blocks * space.bsize, "free-bytes": space.bavail * space.bsize }];
    }),
  );
  return found.flat();
}

async function memoryOf(root: string): Promise<HostStatus["memory"]> {
  const text = (await readTextIfExists(join(root, "proc/meminfo"))) ?? "";
  const bytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1] ?? 0) * 1024;
  return { "total-bytes": bytes("MemTotal"), "available-bytes": bytes("MemAvailable") };
}

/** Asks chronyd; null where it does not run, which is said of its unit, or where nobody can ask it. */
async function isClockSynchronised(): Promise<boolean | null> {
  const result = await run(["chronyc", "-c", "-n", "tracking"], { timeoutMs: CHRONYC_MS }).catch(
    () => undefined,
  );
  if (result?.exitCode !== 0) return null;
  // The last of the comma-separated fields is the leap status.
  return result.stdout.trim().split(",").at(-1) !== "Not synchronised";
}

async function setsOf(root: string): Promise<{ found: HostStatus["sets"]; problem: string | undefined }> {
  try {
    const { active, sets } = await readHostSets({ root });
    const next = nextSet(sets.A.flags, sets.B.flags) ?? null;
    return { found: { active, "marked-good": sets[active].flags.successful, next }, problem: undefined };
  } catch (error) {
    // Anything else says that the root file system is on no partition of a set: it was not started from an image.
    const problem =
      error instanceof Failure ? `The partition sets cannot be read: ${failureText(error)}` : undefined;
    return { found: null, problem };
  }
}
