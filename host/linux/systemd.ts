/** Talking to systemd. */

const NOTIFY_TIMEOUT_MS = 30_000; // PID 1 may be busy while a slow machine boots

/**
 * Reports readiness to systemd when it asked for that (NOTIFY_SOCKET), and takes the variable out of the environment,
 * so that no child can report in our name.
 *
 * The runtime has no datagram sockets over Unix paths without the JIT, so systemd's own program sends the message;
 * for a root process it sends it in its parent's name, and the unit needs NotifyAccess=all for the rest.
 *
 * @returns whether systemd wanted to know
 * @throws  Error when systemd-notify cannot be started or fails
 * @source  specification "api" 4.2
 */
export async function notifyReady(): Promise<boolean> {
  const socket = process.env.NOTIFY_SOCKET;
  if (socket === undefined || socket === "") return false;
  delete process.env.NOTIFY_SOCKET;
  const child = Bun.spawn(["systemd-notify", "--ready", "--no-block"], {
    env: { ...process.env, NOTIFY_SOCKET: socket },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
    timeout: NOTIFY_TIMEOUT_MS,
  });
  const stderr = await new Response(child.stderr).text();
  const exitCode = await child.exited;
  if (exitCode !== 0) {
    throw new Error(`Cannot report readiness: systemd-notify ended with ${exitCode}: ${stderr.trim()}`);
  }
  return true;
}
