/** What the two kinds of streams of a process have in common: pipes and a terminal. */
import type { Size } from "./messages.ts";

/** Takes output; a promise when no more is wanted before it resolves. */
export type TakeOutput = (bytes: Uint8Array) => Promise<void> | undefined;

/** Why input could not be written. */
export interface Failed {
  readonly why: string;
}

/** The streams of a process: pipes or a terminal. */
export interface Streams {
  readonly child: Bun.Subprocess;
  write(bytes: Uint8Array): Failed | undefined | Promise<Failed | undefined>;
  endInput(): void;
  resize(size: Size): void;
  /** Resolves once everything that has ended processes have printed was handed over. */
  outputOver(): Promise<void>;
  /** Lets a process go on that was held up because nobody took its output. */
  letGo(): void;
  close(): void;
}

/** The whole environment of ctr (api.md 7.4). */
export const environment = { TERM: "screen" };

/** To all processes of the group; that there is none any more is what an end is for. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

export const hasEnded = ({ exitCode, signalCode }: Bun.Subprocess): boolean =>
  exitCode !== null || signalCode !== null;
