/**
 * One run of a container, from its image to its exit code: what answers to `host-ctr run`.
 *
 * @source  specification "containers" 7.2
 */
import { setTimeout as pause } from "node:timers/promises";
import { failureText } from "../../linux/failure.ts";
import { errorPrefix } from "../../linux/log.ts";
import { containersFailure } from "../failures.ts";
import { pullImage } from "../images/pull.ts";
import type { RuntimeContainer } from "../runtime/messages.ts";
import { type ContainerName, type Profile, runtimeIdOf } from "../spec/profile.ts";
import { cleanUpContainer } from "./clean-up.ts";
import { createContainer, findContainer, removeContainer } from "./containers.ts";
import type { HostCtr } from "./host-ctr.ts";
import { makePipes, passOn } from "./output.ts";
import { createTask, deleteTask, exitCodeOf, findTask, isRunning, killTask, startTask } from "./tasks.ts";

const SIGTERM = 15;
const SIGKILL = 9;

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
  wanted: ContainerName & { readonly profile: Profile },
  source: string,
): Promise<number> {
  const { log } = host;
  const id = runtimeIdOf(wanted);
  const container = (await runningContainer(host, id)) ?? (await freshContainer(host, wanted, source));
  try {
    // On the console too: a host whose boot it stops has no other place where somebody could read it.
    const exitCode = await runTask(host, container, wanted.profile === "bootstrap" ? errorPrefix() : "");
    const says = `container ${id} ended with exit code ${exitCode}`;
    if (exitCode === 0 || host.stop.aborted) log.info(says);
    else log.error(says);
    return exitCode;
  } catch (cause) {
    throw containersFailure("containers/not-run", { id }, { cause });
  } finally {
    await leaveNothing(host, container);
  }
}

/**
 * The container if it runs already: what started it has been killed. One that does not run is removed: a power cut has
 * left it, and its image, its source and what it has written may be of any age.
 */
async function runningContainer(host: HostCtr, id: string): Promise<RuntimeContainer | undefined> {
  const { containerd, log } = host;
  const container = await findContainer(containerd, id);
  if (container === undefined) return undefined;
  const task = await findTask(containerd, id);
  if (task === undefined || !isRunning(task)) {
    await cleanUpContainer(host, id);
    return undefined;
  }
  log.info(`container ${id} runs already and is taken over`);
  return container;
}

async function freshContainer(
  host: HostCtr,
  wanted: ContainerName & { readonly profile: Profile },
  source: string,
): Promise<RuntimeContainer> {
  const image = await pullImage(host.containerd, source, { ...host, mayUseCached: true });
  host.stop.throwIfAborted();
  return createContainer(host.containerd, wanted, image, host.runcRoot);
}

/**
 * @param stderrPrefix  what each line that it prints to stderr is to begin with
 * @returns the exit code
 */
async function runTask(host: HostCtr, container: RuntimeContainer, stderrPrefix: string): Promise<number> {
  const { containerd, log } = host;
  const { id } = container;
  const task = await findTask(containerd, id);
  const isAdopted = task !== undefined;
  const pipes = isAdopted ? task : await makePipes(`${host.pipeDirectory}/${id}`);
  // Before there is a task: it is not made until somebody reads.
  const output = passOn(pipes, stderrPrefix);
  try {
    if (!isAdopted) await createTask(containerd, container, pipes, host.runcRoot);
    // Asked before it runs: an end that comes at once would be missed otherwise.
    const ended = exitCodeOf(containerd, id);
    if (!isAdopted) await startTask(containerd, id);
    log.info(`container ${id} ${isAdopted ? "runs on" : "runs"}`);
    const exitCode = await endOrStop(host, id, ended);
    if (exitCode === undefined) throw new Error("its task is gone, and with it the exit code");
    // Which waits until all that it has printed is in the pipes.
    await deleteTask(containerd, id);
    return exitCode;
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

/** What cannot be removed is said; the container has had its end, and that is what counts. */
async function leaveNothing({ containerd, log }: HostCtr, container: RuntimeContainer): Promise<void> {
  const steps = [() => deleteTask(containerd, container.id), () => removeContainer(containerd, container)];
  for (const step of steps) {
    await step().catch((error: unknown) => log.error(`container ${container.id}: ${failureText(error)}`));
  }
}
