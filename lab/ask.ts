/**
 * Runs one command in a root shell on a machine's second console, and tells exactly what it printed and how it ended.
 *
 * The console is a terminal: it echoes, changes line ends, and may show a login prompt. So the command travels as
 * one line of plain ASCII, and its output comes back in base64, in pieces that are asked for again when something is
 * missing, each behind a mark that holds a random number. The host puts the number into the mark, so that the echo of
 * the line never looks like one.
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
  | { readonly kind: "no-way-in"; readonly reason: string }
  | { readonly kind: "connection-lost" }
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
  const deadline = performance.now() + commandMs;
  const left = () => Math.max(deadline - performance.now(), 0);
  let encoded = "";
  let words = runLine(command);
  for (let failed = 0; failed < MOST_ATTEMPTS; words = ` from=${encoded.length}; `) {
    const piece = await nextPiece(stream, words, left());
    if (piece.kind === "closed" || piece.kind === "timeout") return piece;
    if (piece.kind === "piece" && isWhole(piece, encoded.length)) {
      failed = 0;
      encoded += piece.text;
      if (encoded.length === piece.wholeLength) return answered(encoded, piece.exitCode);
    } else {
      failed += 1;
    }
  }
  return { kind: "garbled", received: encoded };
}

type Unanswered = { readonly kind: "timeout" } | { readonly kind: "closed" } | { readonly kind: "garbled" };

async function nextPiece(stream: Stream, words: string, limitMs: number): Promise<Piece | Unanswered> {
  const mark = randomBytes(8).toString("hex");
  stream.take();
  stream.write(`${words}${pieceLine(mark)}\r`);
  const end = new RegExp(`PW${mark}DATA[^:]*:\\d+:\\d+\\.`);
  if (!(await stream.until((text) => end.test(text), limitMs))) {
    if (stream.isClosed()) return { kind: "closed" };
    stream.write(INTERRUPT);
    return { kind: "timeout" };
  }
  return readPiece(stream.take(), mark) ?? { kind: "garbled" };
}

/** A part of the encoded output. */
interface Piece {
  readonly kind: "piece";
  readonly text: string;
  readonly exitCode: number;
  /** Characters of the whole encoded output. */
  readonly wholeLength: number;
}

// A terminal drops what comes faster than it is read, and half a megabyte at once does. This much fits into the
// buffers on its way.
const PIECE_LENGTH = 32_768;
const MOST_ATTEMPTS = 4;

function isWhole({ text, wholeLength }: Piece, from: number): boolean {
  return text.length === Math.min(PIECE_LENGTH, wholeLength - from);
}

function answered(encoded: string, exitCode: number): AskOutcome {
  const bytes = Buffer.from(encoded, "base64");
  return { kind: "answered", answer: { exitCode, output: bytes.toString("utf8"), bytes } };
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
 * The answer is printed when the command is done: what programs write to the terminal past the pipe (systemctl and the
 * kernel do) comes before it, not into it. It stays in the shell, so that any part of it can be asked for again.
 */
function runLine(command: string): string {
  return ` answer=$(bash -c ${quoted(command)} </dev/null 2>&1 | base64 -w 0; exit "\${PIPESTATUS[0]}"); code=$?; from=0; `;
}

function pieceLine(mark: string): string {
  return `printf '\\nPW%sDATA%s:%d:%d.\\n' ${mark} "\${answer:from:${PIECE_LENGTH}}" "$code" "\${#answer}"`;
}

/** As bash's $'…': every byte that a terminal or a shell could treat specially is written as an escape. */
export function quoted(text: string): string {
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
export function readPiece(received: string, mark: string): Piece | undefined {
  const found = new RegExp(`PW${mark}DATA([^:]*):(\\d+):(\\d+)\\.`).exec(received);
  const [, data = "", exitCode, wholeLength] = found ?? [];
  const text = data.replaceAll(/[\r\n]/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  if (exitCode === undefined || wholeLength === undefined) return undefined;
  return { kind: "piece", text, exitCode: Number(exitCode), wholeLength: Number(wholeLength) };
}

/** One argument as a shell reads it back unchanged: for `vm ask NAME WORD WORD`, whose words are exact. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_.,:=/+@%-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
