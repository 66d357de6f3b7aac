/** QEMU's control socket: the power button. */
import { openStream } from "./socket.ts";

const ANSWER_MS = 5000;

/**
 * Presses the power button: the host is asked by ACPI to shut down.
 *
 * @returns false when QEMU did not take the command
 */
export async function pressPowerButton(socketPath: string): Promise<boolean> {
  const stream = await openStream(socketPath);
  try {
    // The protocol: a greeting, then each command answered by {"return": {}}; events may come in between.
    const answered = (count: number) => (text: string) => text.split('"return"').length > count;
    if (!(await stream.until((text) => text.includes('"QMP"'), ANSWER_MS))) return false;
    stream.write('{"execute": "qmp_capabilities"}\n');
    if (!(await stream.until(answered(1), ANSWER_MS))) return false;
    stream.write('{"execute": "system_powerdown"}\n');
    return await stream.until(answered(2), ANSWER_MS);
  } finally {
    stream.close();
  }
}
