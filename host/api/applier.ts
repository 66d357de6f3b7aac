/** Starting the applier (thar-be-settings) and the reboot, as processes beside the server. */
import { dirname, join } from "node:path";
import type { ApplyScope } from "./decision.ts";

const SHUTDOWN = ["/sbin/shutdown", "-r", "now"] as const; // api.md 6.9

// The parent only forks. If it has not even done that after this time, the request must not hang with it.
const PARENT_TIMEOUT_MS = 60_000;

/** Tells thar-be-settings in its environment that what it is asked is on the to-do list of the applier already. */
export const notedVariable = "PINWHEEL_APPLY_NOTED";

/**
 * Starts `thar-be-settings --daemon` and waits for its parent process only; the work goes on in its child.
 *
 * Two appliers may be started one right after the other; thar-be-settings itself lets only one work at a time.
 * Its output goes to the server's, so it is in the journal of apiserver.service (api.md 6.5).
 *
 * @param scope  what to apply, or "to-do" for what is on the to-do list and nothing new
 * @param noted  whether it is on the list already
 * @throws Error when it cannot be started, exits with another code than 0, or does not exit in time
 */
export async function startApplier(scope: ApplyScope | "to-do", noted = false): Promise<void> {
  const program = join(dirname(process.execPath), "thar-be-settings");
  const command = [program, "--daemon", ...(typeof scope === "string" ? [`--${scope}`] : [])];
  const child = Bun.spawn(command, {
    // Named, because a child otherwise gets the environment that this process was started with, NOTIFY_SOCKET included.
    env: { ...process.env, ...(noted ? { [notedVariable]: "1" } : {}) },
    stdin: typeof scope === "string" ? "ignore" : Buffer.from(JSON.stringify(scope.keys)),
    stdout: "inherit",
    stderr: "inherit",
  });
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error(`${program} did not go to the background within ${PARENT_TIMEOUT_MS / 1000} s`));
  }, PARENT_TIMEOUT_MS);
  try {
    await Promise.race([child.exited, late]);
  } finally {
    clearTimeout(timer);
  }
  if (child.exitCode !== 0) throw new Error(`${command.join(" ")} ${endedHow(child)}`);
}

/**
 * Asks the system to restart.
 *
 * @throws Error with the exit code or signal of shutdown and what it printed on stderr
 */
export async function reboot(): Promise<void> {
  const child = Bun.spawn([...SHUTDOWN], {
    env: process.env,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const stderr = await new Response(child.stderr).text();
  await child.exited;
  if (child.exitCode !== 0) throw new Error(`${SHUTDOWN.join(" ")} ${endedHow(child)}: ${stderr.trim()}`);
}

/** The end of a process, as the words after its name. */
export const endedHow = ({ exitCode, signalCode }: Bun.Subprocess): string =>
  exitCode === null ? `was ended by signal ${signalCode}` : `ended with exit code ${exitCode}`;
