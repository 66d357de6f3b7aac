/** Connects the terminal with a machine's serial console, until Ctrl-] or until the machine is switched off. */
import { watch } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { takeLock } from "../sdk/index.ts";
import { consoleSize } from "./console-log.ts";
import { fail } from "./failures.ts";
import type { Machine } from "./machine.ts";
import { files } from "./qemu.ts";
import { openStream } from "./socket.ts";

export const LEAVE_KEY = "Ctrl-]";
const LEAVE_BYTE = 0x1d;
const HISTORY_BYTES = 4096; // what somebody attaching later sees of what was said before

/**
 * Shows the console from `from` on and sends it what is typed.
 *
 * Output is read from the log, which has every byte from power-on; the socket is only written to, because it would
 * lack what was said before anybody was attached.
 *
 * @param from  byte of the log to start at; a screenful before its end when absent
 * @returns how it ended
 * @throws lab/console-taken when somebody else is attached
 */
export async function attachConsole(machine: Machine, from?: number): Promise<"left" | "switched off"> {
  const lock = await takeLock(join(machine.directory, "console.lock"), 0);
  if (lock === undefined) throw fail("lab/console-taken", { name: machine.name });
  const stream = await openStream(join(machine.directory, files.consoleSocket));
  const follower = followLog(
    machine.console,
    from ?? Math.max(0, (await consoleSize(machine.console)) - HISTORY_BYTES),
  );
  const input = process.stdin;
  const ended = Promise.withResolvers<"left" | "switched off">();
  const typed = (chunk: Buffer) => {
    const leave = chunk.indexOf(LEAVE_BYTE);
    stream.write((leave < 0 ? chunk : chunk.subarray(0, leave)).toString("latin1"));
    if (leave >= 0) ended.resolve("left");
  };
  // What the socket says is dropped here: it is in the log as well.
  stream.onData(() => stream.take());
  stream.onClose(() => ended.resolve("switched off"));
  if (input.isTTY) input.setRawMode(true);
  input.on("data", typed);
  input.resume();
  try {
    return await ended.promise;
  } finally {
    input.off("data", typed);
    input.pause();
    if (input.isTTY) input.setRawMode(false);
    await follower.stop();
    stream.close();
    lock.release();
  }
}

/** Copies the log to standard output as it grows. */
function followLog(file: string, from: number): { stop(): Promise<void> } {
  let position = from;
  let copying = Promise.resolve();
  const copy = () => {
    copying = copying.then(async () => {
      const handle = await open(file);
      try {
        const buffer = Buffer.alloc(64 * 1024);
        for (;;) {
          const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
          if (bytesRead === 0) break;
          position += bytesRead;
          process.stdout.write(Buffer.from(buffer.subarray(0, bytesRead)));
        }
      } finally {
        await handle.close();
      }
    });
  };
  const watcher = watch(file, copy);
  copy();
  return {
    async stop() {
      watcher.close();
      copy();
      await copying;
    },
  };
}
