/**
 * The repository that a machine of `vm start --updates` is updated from: a process serves it for as long as the machine
 * runs. It keeps its port from one start to the next, because the machine's settings name it.
 */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { exists } from "../sdk/index.ts";
import { consoleFrom, consoleSize } from "./console-log.ts";
import { fail } from "./failures.ts";
import { isRunning, type MachineState, processStartedAt } from "./state.ts";

type Process = Pick<MachineState, "pid" | "pidStartedAt">;

const START_MS = 20_000; // it takes 0.3 s on an idle machine
const POLL_MS = 50;

export const updatesLog = "updates.log";

/** @throws lab/no-repository when there is none for this variant */
export async function requireRepository(directory: string, variant: string): Promise<void> {
  const file = join(resolve(directory), variant, "x86_64/timestamp.json");
  if (!(await exists(file))) throw fail("lab/no-repository", { directory, variant, file });
}

/**
 * Starts the process and returns once it serves.
 *
 * @param place    the machine's directory: state and log are kept there
 * @param machine  QEMU's process, with which it ends
 * @throws lab/updates-not-served with what it said
 */
export async function startUpdates(
  place: string,
  { directory, port }: NonNullable<MachineState["updates"]>,
  machine: Process,
): Promise<void> {
  await stopUpdates(place);
  const log = join(place, updatesLog);
  const logged = await consoleSize(log);
  const output = openSync(log, "a");
  const program = join(import.meta.dirname, "updates-process.ts");
  const words = [program, place, directory, String(port), String(machine.pid), machine.pidStartedAt];
  // A session of its own, as for machines.
  const child = spawn(process.execPath, words, { detached: true, stdio: ["ignore", output, output] });
  closeSync(output);
  child.unref();
  const deadline = performance.now() + START_MS;
  while ((await readServing(place))?.pid !== child.pid) {
    const hasEnded = child.pid === undefined || (await processStartedAt(child.pid)) === undefined;
    if (hasEnded || performance.now() > deadline) {
      if (!hasEnded) child.kill("SIGKILL");
      const said = (await consoleFrom(log, logged)).trimEnd();
      throw fail("lab/updates-not-served", { directory, port, said });
    }
    await Bun.sleep(POLL_MS);
  }
}

/** Ends the process of a machine, if there is one. */
export async function stopUpdates(place: string): Promise<void> {
  const serving = await readServing(place);
  if (serving === undefined) return;
  if (await isRunning(serving)) process.kill(serving.pid, "SIGKILL"); // it only reads
  while (await isRunning(serving)) await Bun.sleep(POLL_MS);
  await rm(stateFile(place), { force: true });
}

/** The process itself says that it serves: by this file, which appears whole. */
export async function tellServing(place: string): Promise<void> {
  const pidStartedAt = (await processStartedAt(process.pid)) ?? "";
  await writeFile(`${stateFile(place)}.new`, JSON.stringify({ pid: process.pid, pidStartedAt }));
  await rename(`${stateFile(place)}.new`, stateFile(place));
}

const stateFile = (place: string) => join(place, "updates.json");

async function readServing(place: string): Promise<Process | undefined> {
  const text = await readFile(stateFile(place), "utf8").catch(() => undefined);
  // Written whole by tellServing and by nothing else.
  return text === undefined ? undefined : (JSON.parse(text) as Process);
}
