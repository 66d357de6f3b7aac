/** What a program prints, as it comes, for output of any length. */
import { errorCode } from "./files.ts";

/** A program that was started. */
export interface RunningProgram {
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly stderr: AsyncIterable<Uint8Array>;
  /** Once both have ended: why the program was killed, undefined if it ended by itself. */
  killedBecause(): string | undefined;
}

/** Where the programs of a host are, whatever is set in a container from which somebody has come. */
const PATH = "/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Starts a program with an empty standard input.
 *
 * @param command   program, looked up in the usual places unless it has a slash, and its arguments
 * @param silentMs  after so long without a word it is killed, with what it has started: it may wait for ever
 *   It does not outlive this process either, unless it has closed its output
 * @throws  Error naming the program if it is not there or cannot be started
 */
export function startProgram(command: readonly string[], silentMs: number): RunningProgram {
  const [program = ""] = command;
  const child = begin(program, command);
  let killed: string | undefined;
  const kill = () => {
    killed = `${program} printed nothing for ${silentMs / 1000} s and was ended`;
    killGroup(child.pid);
  };
  const atOurEnd = () => killGroup(child.pid);
  process.once("exit", atOurEnd);
  let limit = setTimeout(kill, silentMs);
  let open = 2;
  const watched = async function* (stream: AsyncIterable<Uint8Array>) {
    for await (const chunk of stream) {
      // What is done with a chunk is not the program's silence.
      clearTimeout(limit);
      yield chunk;
      clearTimeout(limit);
      limit = setTimeout(kill, silentMs);
    }
    open -= 1;
    if (open > 0) return;
    clearTimeout(limit);
    process.off("exit", atOurEnd);
  };
  return { stdout: watched(child.stdout), stderr: watched(child.stderr), killedBecause: () => killed };
}

function begin(program: string, command: readonly string[]) {
  try {
    // With node:child_process what a program prints before the first look at it would be lost.
    return Bun.spawn([...command], {
      env: { ...process.env, PATH, LC_ALL: "C.UTF-8" },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      // Its own process group, so that a kill reaches the programs that it has started, which hold our pipes too.
      detached: true,
    });
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") throw new Error(`the program ${program} is not in this image`);
    throw new Error(`cannot start ${program}`, { cause });
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // ESRCH: it ended by itself in this very moment, which is what the kill was for.
  }
}
