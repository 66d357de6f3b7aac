/** A command in a container that runs, to its end. Acts. */
import { type RunResult, run } from "../linux/process.ts";

const CTR = "/usr/bin/ctr";
const CLEAN_UP_MS = 10_000; // of a containerd that does not answer

/**
 * Runs a command in a container. Whatever it leaves running is ended with it when its time is over.
 *
 * @param socketPath  of the containerd that runs the container
 * @returns how it ended and what it printed, also where there is no such container
 * @throws  Error when ctr cannot be started
 */
export async function runInContainer(
  socketPath: string,
  container: string,
  command: readonly string[],
  timeoutMs: number,
): Promise<RunResult> {
  const id = `check-${crypto.randomUUID()}`;
  const task = (...words: readonly string[]) => [CTR, "-a", socketPath, "task", ...words];
  const result = await run(task("exec", "--exec-id", id, container, ...command), { timeoutMs });
  if (result.timedOut) {
    // ctr was killed and could pass nothing on: the command in the container would live on.
    const options = { timeoutMs: CLEAN_UP_MS };
    await run(task("kill", "--exec-id", id, "--signal", "SIGKILL", container), options);
    await run(task("delete", "--exec-id", id, container), options);
  }
  return result;
}
