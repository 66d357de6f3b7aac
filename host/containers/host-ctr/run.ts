/**
 * One run of a container, from its image to its exit code: what answers to `host-ctr run`.
 *
 * @source  specification "containers" 7.2
 */
import { setTimeout as pause } from "node:timers/promises";
import { killedForMemory } from "../../linux/control-groups.ts";
import { failureText } from "../../linux/failure.ts";
import { errorPrefix } from "../../linux/log.ts";
import { containersFailure } from "../failures.ts";
import { pullImage } from "../images/pull.ts";
import type { RuntimeContainer } from "../runtime/messages.ts";
import { type AskedContainer, controlGroupOf, runtimeIdOf } from "../spec/profile.ts";
import { cleanUpContainer } from "./clean-up.ts";
import { createContainer, findContainer, type MadeContainer, removeContainer } from "./containers.ts";
import type { HostCtr } from "./host-ctr.ts";
import { makePipes, type OutputPipes, passOn } from "./output.ts";
import type { RecordedRun } from "./record-run.ts";
import { createTask, deleteTask, exitCodeOf, findTask, isRunning, killTask, startTask } from "./tasks.ts";

const SIGTERM = 15;
const SIGKILL = 9;

const MIB = 1024 ** 2;

/** A container that is asked to end is given this long. */
const graceMs = 20_000;

/**
 * Runs a container to its end, or goes on with one that runs already. Nothing but the image and its storage is left.
 *
 * @returns the container's exit code, 128 and the signal if one ended it
 * @throws  Failure if it did not come up, or if nobody knows how it ended
 */
export async function runContainer(
  host: HostCtr,
  wanted: AskedContainer,
  source: string,
  run: RecordedRun,
): Promise<number> {
  const { log } = host;
  const id = runtimeIdOf(wanted);
  const found = (await runningTask(host, id)) ?? (await readyToRun(host, wanted, source, run));
  try {
    // On the console too: a host whose boot it stops has no other place where somebody could read it.
    const stderrPrefix = wanted.profile === "bootstrap" ? errorPrefix() : "";
    const { exitCode, killed } = await runTask(host, id, found, stderrPrefix, run);
    const says = `container ${id} ended with exit code ${exitCode}`;
    if (exitCode === 0 || host.stop.aborted) log.info(says);
    else log.error(says);
    if (killed > 0) await tellOfMemory(host, wanted, { exitCode, killed }, run);
    return exitCode;
  } catch (cause) {
    throw containersFailure("containers/not-run", { id }, { cause });
  } finally {
    await leaveNothing(host, found.container);
  }
}

/** A container, and where it prints; `made` if it does not run yet. */
interface Found {
  readonly container: RuntimeContainer;
  readonly pipes: OutputPipes;
  readonly made: MadeContainer | undefined;
}

/**
 * The container if it runs already: what started it has been killed. One that does not run is removed: a power cut has
 * left it, and its image, its source and what it has written may be of any age.
 */
async function runningTask(host: HostCtr, id: string): Promise<Found | undefined> {
  const { containerd, log } = host;
  const container = await findContainer(containerd, id);
  if (container === undefined) return undefined;
  const task = await findTask(containerd, id);
  if (task === undefined || !isRunning(task)) {
    await cleanUpContainer(host, id);
    return undefined;
  }
  log.info(`container ${id} runs already and is taken over`);
  return { container, pipes: task, made: undefined };
}

async function readyToRun(
  host: HostCtr,
  wanted: AskedContainer,
  source: string,
  run: RecordedRun,
): Promise<Found> {
  const { containerd, runcRoot, stop, pipeDirectory } = host;
  run.begin(source);
  const [image, pipes] = await Promise.all([
    pullImage(containerd, source, { ...host, mayUseCached: true, watch: run }),
    makePipes(`${pipeDirectory}/${runtimeIdOf(wanted)}`),
  ]);
  stop.throwIfAborted();
  await run.pulled(source, image.digest);
  const made = await createContainer(containerd, wanted, image, runcRoot);
  return { container: made.container, pipes, made };
}

interface TaskEnd {
  readonly exitCode: number;
  /** How many processes of it were killed because memory ran out. */
  readonly killed: number;
}

/** @param stderrPrefix  what each line that it prints to stderr is to begin with */
async function runTask(
  host: HostCtr,
  id: string,
  { pipes, made }: Found,
  stderrPrefix: string,
  run: RecordedRun,
): Promise<TaskEnd> {
  const { containerd, log } = host;
  // Before there is a task: it is not made until somebody reads.
  const output = passOn(pipes, stderrPrefix);
  try {
    if (made !== undefined) await createTask(containerd, made, pipes, host.runcRoot);
    // Asked before it runs: an end that comes at once would be missed otherwise.
    const ended = exitCodeOf(containerd, id);
    if (made !== undefined) await startTask(containerd, id);
    await run.up();
    log.info(`container ${id} ${made === undefined ? "runs on" : "runs"}`);
    const exitCode = await endOrStop(host, id, ended);
    if (exitCode === undefined) throw new Error("its task is gone, and with it the exit code");
    // Before the control group goes with the task.
    const killed = await killedForMemory(controlGroupOf(containerd.namespace, id));
    // Which waits until all that it has printed is in the pipes.
    await deleteTask(containerd, id);
    return { exitCode, killed };
  } finally {
    await output.finish();
  }
}

/** Waits for the end, which it brings about when this process is asked to stop. */
async function endOrStop(
  { containerd, log, stop }: HostCtr,
  id: string,
  ended: Promise<number | undefined>,
): Promise<number | undefined> {
  const asked = new Promise<"asked">((resolve) => {
    if (stop.aborted) resolve("asked");
    stop.addEventListener("abort", () => resolve("asked"));
  });
  const first = await Promise.race([ended, asked]);
  if (first !== "asked") return first;
  log.info(`asked to stop: container ${id} is given ${graceMs / 1000} s to end`);
  await killTask(containerd, id, SIGTERM);
  const inTime = await Promise.race([ended.then(() => true), pause(graceMs, false, { ref: false })]);
  if (!inTime) {
    log.warn(`container ${id} did not end within ${graceMs / 1000} s and is killed`);
    await killTask(containerd, id, SIGKILL);
  }
  return ended;
}

/** Says whether it was the container itself that was killed for want of memory, or something that it had started. */
async function tellOfMemory(
  { log, stop }: HostCtr,
  wanted: AskedContainer,
  { exitCode, killed }: TaskEnd,
  run: RecordedRun,
): Promise<void> {
  const { memoryBytes } = wanted.limits;
  const much =
    memoryBytes === undefined ? "it has no limit" : `its limit is ${Math.floor(memoryBytes / MIB)} MiB`;
  const id = runtimeIdOf(wanted);
  if (exitCode !== 128 + SIGKILL || stop.aborted) {
    log.warn(`container ${id} ran out of memory meanwhile (${much}): ${killed} of its processes were killed`);
    return;
  }
  const problem = `container ${id} ran out of memory (${much})`;
  log.error(problem);
  await run.over(problem);
}

/** What cannot be removed is said; the container has had its end, and that is what counts. */
async function leaveNothing({ containerd, log }: HostCtr, container: RuntimeContainer): Promise<void> {
  const steps = [() => deleteTask(containerd, container.id), () => removeContainer(containerd, container)];
  for (const step of steps) {
    await step().catch((error: unknown) => log.error(`container ${container.id}: ${failureText(error)}`));
  }
}
