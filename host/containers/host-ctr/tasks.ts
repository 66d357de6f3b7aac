/** The task of a container: its processes, as containerd sees them. */
import { setTimeout as pause } from "node:timers/promises";
import { type Containerd, ContainerdError, unless } from "../runtime/containerd.ts";
import { type TaskProcess, taskStatus } from "../runtime/messages.ts";
import { type MadeContainer, runtimeOptions } from "./containers.ts";
import type { OutputPipes } from "./output.ts";

const callMs = 10_000;
/** Killing may take this long, on a host that is short of everything. */
const killMs = 45_000;
/** Making a task starts processes, and on a host that is booting they wait their turn. */
const createMs = 5 * 60_000;

const SIGKILL = 9;

export async function findTask(containerd: Containerd, id: string): Promise<TaskProcess | undefined> {
  const get = containerd.call("tasks.v1.Tasks/Get", { containerId: id }, callMs);
  return (await unless("not-found", get))?.process;
}

export function isRunning({ status }: TaskProcess): boolean {
  return status === taskStatus.running;
}

/** Makes the processes of a container ready; it does not run yet. */
export async function createTask(
  containerd: Containerd,
  { container: { id }, mounts }: MadeContainer,
  pipes: OutputPipes,
  runcRoot: string,
): Promise<void> {
  const request = {
    containerId: id,
    rootfs: mounts,
    stdin: "",
    stdout: pipes.stdout,
    stderr: pipes.stderr,
    terminal: false,
    options: runtimeOptions(runcRoot),
  };
  await containerd.call("tasks.v1.Tasks/Create", request, createMs);
}

export async function startTask(containerd: Containerd, id: string): Promise<void> {
  await containerd.call("tasks.v1.Tasks/Start", { containerId: id }, createMs);
}

/**
 * Waits for the end of a task, also over a restart of containerd, which containers outlive.
 *
 * @returns its exit code, 128 and the signal if one ended it; `undefined` if nobody knows any more
 * @throws  ContainerdError
 */
export async function exitCodeOf(containerd: Containerd, id: string): Promise<number | undefined> {
  for (;;) {
    try {
      return (await containerd.call("tasks.v1.Tasks/Wait", { containerId: id })).exitStatus;
    } catch (error) {
      if (!(error instanceof ContainerdError)) throw error;
      if (error.reason === "not-found") return undefined;
      if (error.reason !== "unavailable") throw error;
      await pause(500);
    }
  }
}

/** Sends a signal to the main process, or to all of them. That it has ended already is all right. */
export async function killTask(
  containerd: Containerd,
  id: string,
  signal: number,
  which: "main" | "all" = "main",
): Promise<void> {
  const request = { containerId: id, signal, all: which === "all" };
  try {
    await unless("not-found", containerd.call("tasks.v1.Tasks/Kill", request, killMs));
  } catch (error) {
    // runc says so where containerd does not know yet that it has.
    if (!(error instanceof ContainerdError && /already finished|not running/.test(error.message)))
      throw error;
  }
}

/** Removes what is left of a task that has ended. */
export async function deleteTask(containerd: Containerd, id: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await unless("not-found", containerd.call("tasks.v1.Tasks/Delete", { containerId: id }, callMs));
      return;
    } catch (error) {
      // Whoever cleans up at the same moment may have been faster, and then containerd has lost whom it asked.
      if (!(error instanceof ContainerdError) || tries === 5) throw error;
      await pause(200);
    }
  }
}

/** Ends a task whatever it does, and removes it. */
export async function endTask(containerd: Containerd, id: string): Promise<void> {
  const ended = exitCodeOf(containerd, id);
  await killTask(containerd, id, SIGKILL, "all");
  await Promise.race([ended, pause(killMs)]);
  await deleteTask(containerd, id);
}
