/** QEMU's control socket: the power button, and doors into a running machine's network. */
import { openStream } from "./socket.ts";

const ANSWER_MS = 5000;

/**
 * Presses the power button: the host is asked by ACPI to shut down.
 *
 * @returns false when QEMU did not take the command
 */
export async function pressPowerButton(socketPath: string): Promise<boolean> {
  return (await command(socketPath, { execute: "system_powerdown" })) !== undefined;
}

/**
 * Makes a TCP port of the guest reachable at a port of this machine's loopback address, until the machine ends.
 *
 * @returns what QEMU has against it, empty when it is done; undefined when it did not answer
 */
export async function forwardPort(
  socketPath: string,
  port: number,
  guestPort: number,
): Promise<string | undefined> {
  const line = `hostfwd_add net tcp:127.0.0.1:${port}-:${guestPort}`;
  const answer = await command(socketPath, {
    execute: "human-monitor-command",
    arguments: { "command-line": line },
  });
  return answer === undefined ? undefined : (/"return": "([^"]*)"/.exec(answer)?.[1] ?? answer);
}

/** @returns all that QEMU said since, the answer at its end; undefined when it did not take the command */
async function command(socketPath: string, request: object): Promise<string | undefined> {
  const stream = await openStream(socketPath);
  try {
    // The protocol: a greeting, then each command answered by {"return": …}; events may come in between.
    const answered = (text: string) => /"return"[^\n]*\n/.test(text);
    if (!(await stream.until((text) => text.includes('"QMP"'), ANSWER_MS))) return undefined;
    stream.write('{"execute": "qmp_capabilities"}\n');
    if (!(await stream.until(answered, ANSWER_MS))) return undefined;
    stream.take();
    stream.write(`${JSON.stringify(request)}\n`);
    return (await stream.until(answered, ANSWER_MS)) ? stream.take() : undefined;
  } finally {
    stream.close();
  }
}
