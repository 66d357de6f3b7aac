/**
 * Runs one command in a root shell on a machine's second console, and tells exactly what it printed and how it ended.
 *
 * The console is a terminal: it echoes, changes line ends, and may show a login prompt. So the command travels as
 * one line of plain ASCII, and its output comes back in base64 behind a mark that holds a random number. The host puts
 * the number into the mark, so that the echo of the line never looks like one.
 */
import { randomBytes } from "node:crypto";
import type { Stream } from "./socket.ts";

export interface Answer {
  readonly exitCode: number;
  /** Standard output and standard error together, in the order they were written. */
  readonly output: string;
  /** The same, byte for byte. */
  readonly bytes: Uint8Array;
}

export type AskOutcome =
  | { readonly kind: "answered"; readonly answer: Answer }
  | { readonly kind: "no-shell" }
  | { readonly kind: "timeout" }
  | { readonly kind: "closed" }
  | { readonly kind: "garbled"; readonly received: string };

const PROMPT_MS = 1000; // how long one attempt to get a prompt waits; a booting host is asked again and again
const SHELL_MS = 5000; // how long a shell may take to run printf
const INTERRUPT = "\x03";

/**
 * Gets a shell (logging in where asked to) and runs the command with bash, its standard input empty.
 *
 * @param shellMs    limit for getting the shell
 * @param commandMs  limit for the command itself; one that takes longer is interrupted
 */
export async function askOver(
  stream: Stream,
  command: string,
  shellMs: number,
  commandMs: number,
): Promise<AskOutcome> {
  if (!(await reachShell(stream, shellMs))) return { kind: stream.isClosed() ? "closed" : "no-shell" };
  const mark = randomBytes(8).toString("hex");
  stream.take();
  stream.write(`${commandLine(command, mark)}\r`);
  const end = new RegExp(`PW${mark}DATA[^:]*:\\d+\\.`);
  if (!(await stream.until((text) => end.test(text), commandMs))) {
    if (stream.isClosed()) return { kind: "closed" };
    stream.write(INTERRUPT);
    return { kind: "timeout" };
  }
  const received = stream.take();
  const answer = readAnswer(received, mark);
  return answer === undefined ? { kind: "garbled", received } : { kind: "answered", answer };
}

/** Sends line ends until something answers; a login prompt gets "root", a shell proves itself by printing a number. */
async function reachShell(stream: Stream, limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  for (let attempt = 1; performance.now() < deadline && !stream.isClosed(); attempt++) {
    stream.take();
    // By the third attempt: a command of an earlier, abandoned question may still be running.
    stream.write(attempt === 3 ? `${INTERRUPT}\r` : "\r");
    const prompted = await stream.until((text) => LOGIN.test(text) || SHELL_PROMPT.test(text), PROMPT_MS);
    if (!prompted) continue;
    if (LOGIN.test(stream.pending())) {
      stream.take();
      stream.write("root\r");
      await stream.until((text) => SHELL_PROMPT.test(text), SHELL_MS);
      continue;
    }
    const number = randomBytes(8).toString("hex");
    stream.write(` printf 'PW%sSHELL\\n' ${number}\r`);
    if (await stream.until((text) => text.includes(`PW${number}SHELL`), SHELL_MS)) {
      // The prompt that follows, so that it is not taken for the answer to the next line.
      await stream.until((text) => SHELL_PROMPT.test(text), PROMPT_MS);
      return true;
    }
  }
  return false;
}

const LOGIN = /login:\s*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's escape sequences may follow the prompt
const SHELL_PROMPT = /[#$] ?(\x1b\[[0-9;?]*[a-z])*$/i;

/**
 * The answer is printed in one piece when the command is done: what programs write to the terminal past the pipe
 * (systemctl and the kernel do) comes before it, not into it.
 */
function commandLine(command: string, mark: string): string {
  return [
    ` answer=$(bash -c ${quoted(command)} </dev/null 2>&1 | base64 -w 0; exit "\${PIPESTATUS[0]}")`,
    `printf '\\nPW%sDATA%s:%d.\\n' ${mark} "$answer" $?`,
  ].join("; ");
}

/** As bash's $'…': every byte that a terminal or a shell could treat specially is written as an escape. */
function quoted(text: string): string {
  let result = "";
  for (const byte of Buffer.from(text, "utf8")) {
    const character = String.fromCharCode(byte);
    result += /[A-Za-z0-9 _.,:=/+@%-]/.test(character)
      ? character
      : `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return `$'${result}'`;
}

/** @returns undefined when what stands behind the mark is not base64: something else wrote into it */
export function readAnswer(received: string, mark: string): Answer | undefined {
  const found = new RegExp(`PW${mark}DATA([^:]*):(\\d+)\\.`).exec(received);
  const [, data = "", exitCode] = found ?? [];
  const encoded = data.replaceAll(/[\r\n]/g, "");
  if (exitCode === undefined || !/^[A-Za-z0-9+/]*={0,2}$/.test(encoded) || encoded.length % 4 !== 0) {
    return undefined;
  }
  const bytes = Buffer.from(encoded, "base64");
  return { exitCode: Number(exitCode), output: bytes.toString("utf8"), bytes };
}

/** One argument as a shell reads it back unchanged: for `vm ask NAME WORD WORD`, whose words are exact. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_.,:=/+@%-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
