/** The log of a machine's console: everything the serial port said since the machine was first powered on. */
import { open, stat } from "node:fs/promises";

const TAIL_BYTES = 16 * 1024;

export async function consoleSize(file: string): Promise<number> {
  return stat(file).then(
    (found) => found.size,
    () => 0, // not powered on yet
  );
}

/** The text from this byte on; "" when there is nothing yet. */
export async function consoleFrom(file: string, from: number): Promise<string> {
  const size = await consoleSize(file);
  if (size <= from) return "";
  const handle = await open(file);
  try {
    const buffer = Buffer.alloc(size - from);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
    return buffer.subarray(0, bytesRead).toString("utf8");
  } finally {
    await handle.close();
  }
}

/** The last lines, without the escape sequences that would colour or clear the reader's own terminal. */
export async function consoleTail(file: string, lines = 30): Promise<string> {
  const text = await consoleFrom(file, Math.max(0, (await consoleSize(file)) - TAIL_BYTES));
  const tail = plainText(text).trimEnd().split("\n").slice(-lines);
  return tail.map((line) => `  | ${line}`).join("\n");
}

/** Console output without escape sequences and carriage returns. */
export function plainText(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences start with a control character
      .replaceAll(/\x1b(\[[0-9;?=>]*[a-zA-Z]|[()][A-Z0-9]|[=>78cM]|\][^\x07]*\x07)/g, "")
      .replaceAll("\r", "")
  );
}
