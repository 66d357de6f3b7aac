/**
 * The process of an exec session: `ctr task exec` on this host, which has the command run in the container (api.md 7.4).
 *
 * It has a session and a process group of its own, and is always ended as a whole.
 */
import { constants } from "node:os";
import { run } from "../../linux/process.ts";
import type { Size } from "./messages.ts";
import { withPipes } from "./pipes.ts";
import { type Failed, hasEnded, signalGroup, type TakeOutput } from "./streams.ts";
import { withTerminal } from "./terminal.ts";

/** What to run. */
export interface ProcessOptions {
  readonly socketPath: string;
  readonly target: string;
  readonly command: readonly Uint8Array[];
  readonly tty: { readonly size?: Size } | undefined;
  readonly output: TakeOutput;
}

export interface ContainerProcess {
  /** The name of this run in containerd. */
  readonly id: string;
  /** Resolves with the exit status (128 + the number of a signal) once all output was handed over. */
  readonly ended: Promise<number>;
  write(bytes: Uint8Array): Failed | undefined | Promise<Failed | undefined>;
  endInput(): void;
  resize(size: Size): void;
  /** Has the process ended if it is not over. */
  end(): void;
}

const CTR = "/usr/bin/ctr";
const ORDERLY_END_MS = 2000; // between asking a command to end and ending it
const KILL_TIMEOUT_MS = 10_000; // of a containerd that does not answer

/** @throws Error when it cannot be started */
export function startProcess(options: ProcessOptions): ContainerProcess {
  const { socketPath, target, tty } = options;
  const id = `apiexec-${randomName()}`;
  const words = options.command.map(textOf);
  const flags = ["--exec-id", id, ...(tty === undefined ? [] : ["--tty"])];
  const argv = [CTR, "-a", socketPath, "task", "exec", ...flags, target, ...words];
  const streams =
    tty === undefined ? withPipes(argv, options.output) : withTerminal(argv, tty.size, options.output);
  const { child } = streams;
  let isOver = false;
  const ended = child.exited.then(async () => {
    await streams.outputOver();
    isOver = true;
    // What the process has left behind in its group has nobody to answer to any more.
    signalGroup(child.pid, "SIGKILL");
    streams.close();
    return statusOf(child);
  });
  const kill = (signal: string) =>
    run([CTR, "-a", socketPath, "task", "kill", "--exec-id", id, "--signal", signal, target], {
      timeoutMs: KILL_TIMEOUT_MS,
    }).catch(() => undefined); // ctr has been started before; what it could not do, the signals below do
  const end = async () => {
    // ctr passes no signal on when it has a terminal: the command in the container would live on.
    if (tty === undefined) signalGroup(child.pid, "SIGTERM");
    else void kill("SIGHUP");
    streams.letGo();
    await Promise.race([child.exited, Bun.sleep(ORDERLY_END_MS)]);
    if (hasEnded(child)) return;
    await kill("SIGKILL");
    signalGroup(child.pid, "SIGKILL");
  };
  return {
    id,
    ended,
    write: streams.write,
    endInput: streams.endInput,
    resize: streams.resize,
    end() {
      if (isOver) return;
      isOver = true;
      void end();
    },
  };
}

/** 128 + the number of the signal that ended it; 0 if neither is known (api.md 7.6). */
function statusOf({ exitCode, signalCode }: Bun.Subprocess): number {
  if (exitCode !== null) return exitCode;
  return signalCode === null ? 0 : 128 + numberOf(signalCode);
}

const numberOf = (signal: NodeJS.Signals | number): number =>
  typeof signal === "number" ? signal : constants.signals[signal];

/** @throws Error: the runtime starts programs with words that are text */
function textOf(word: Uint8Array, at: number): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(word);
    if (!text.includes("\0")) return text;
  } catch (error) {
    throw new Error(`word ${at + 1} of the command is not UTF-8`, { cause: error });
  }
  throw new Error(`word ${at + 1} of the command has a NUL in it`);
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** 16 characters, as clients of containerd expect in names of runs. */
function randomName(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(16)), (n) => LETTERS[n % LETTERS.length]).join("");
}
