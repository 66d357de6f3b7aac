/** Asking the generators of settings for their values, as a process beside the server: its memory stays as it is. */
import { dirname, join } from "node:path";
import { endedHow } from "./applier.ts";

// The program gives its generators 30 s. If it has not ended by then, the request must not hang with it.
const TIMEOUT_MS = 40_000;

/**
 * Runs `sundog --print KEYS`. What it says of failures goes to the server's output.
 *
 * @returns what it printed: one JSON object of the settings for which there is a value
 * @throws  Error when it cannot be started, prints nothing, or does not end in time
 */
export async function printGenerated(socketPath: string, keys: readonly string[]): Promise<string> {
  const program = join(dirname(process.execPath), "sundog");
  const child = Bun.spawn([program, "--socket-path", socketPath, "--print", keys.join(",")], {
    // Named, because a child otherwise gets the environment that this process was started with, NOTIFY_SOCKET included.
    env: process.env,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  const printed = (await new Response(child.stdout).text()).trim();
  await child.exited;
  // It exits with 1 if some of several failed, and prints the others all the same.
  if (printed === "") throw new Error(`${program} printed nothing and ${endedHow(child)}`);
  return printed;
}
