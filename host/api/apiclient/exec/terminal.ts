/** The terminal that a person sits at, during an exec session. */
import { isatty, WriteStream } from "node:tty";
import { showBytesAsTheyAre } from "../../../linux/terminal-modes.ts";
import type { Size } from "../../exec/messages.ts";

/** Whether both ends of what a person sees and types are a terminal (api.md 8.8). */
export const isInteractive = (): boolean => isatty(0) && isatty(1);

/** The size of the terminal that output goes to, or else input comes from; undefined if there is none. */
export function terminalSize(): Size | undefined {
  const fd = [1, 0].find((one) => isatty(one));
  if (fd === undefined) return undefined;
  const [cols, rows] = fd === 1 ? process.stdout.getWindowSize() : new WriteStream(fd).getWindowSize();
  return { rows, cols };
}

/**
 * Has every key go to the command, Ctrl-C too; nothing to be done where input comes from a file or pipe.
 *
 * @returns puts the terminal back as it was
 */
export function beginRawMode(): () => void {
  if (!isatty(0)) return () => undefined;
  process.stdin.setRawMode(true);
  try {
    showBytesAsTheyAre(0);
  } catch {
    // Where memory may not be made executable, the C library cannot be called: newlines then also return the carriage,
    // which few programs notice.
  }
  return () => void process.stdin.setRawMode(false);
}
