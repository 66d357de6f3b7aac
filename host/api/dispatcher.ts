/** Starting the update dispatcher (thar-be-updates), as a process beside the server. */
import { dirname, join } from "node:path";
import type { CommandName } from "../update/dispatcher/index.ts";
import { endedHow } from "./applier.ts";
import type { Dispatched } from "./update-routes.ts";

// It only looks at files and starts what does the work.
const TIMEOUT_MS = 60_000;

/** Names the request to thar-be-updates in its environment: its command line is fixed (specification "updates" 9). */
export const requestVariable = "PINWHEEL_UPDATE_REQUEST";

/**
 * Starts `thar-be-updates COMMAND` and waits for its answer only; the work goes on beside it.
 *
 * @returns its exit code and what it said on stderr
 * @throws Error when it cannot be started, is ended by a signal, or does not end in time
 */
export async function startDispatcher(command: CommandName, retry: boolean): Promise<Dispatched> {
  const program = join(dirname(process.execPath), "thar-be-updates");
  const id = Bun.randomUUIDv7();
  const child = Bun.spawn([program, command, ...(retry ? ["--retry"] : [])], {
    // Named, because a child otherwise gets the environment that this process was started with, NOTIFY_SOCKET included.
    env: { ...process.env, [requestVariable]: id },
    stdin: "ignore",
    stdout: "inherit",
    stderr: "pipe",
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  const says = (await new Response(child.stderr).text()).trim();
  await child.exited;
  if (child.exitCode === null) throw new Error(`${program} ${command} ${endedHow(child)}`);
  return { id, exitCode: child.exitCode, says };
}
