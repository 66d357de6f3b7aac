/** Running other programs: no shell, output captured, a time limit that also ends what the program started. */

import { spawn } from "node:child_process";

export interface RunOptions {
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Given to the program on its standard input, which is empty otherwise. */
  readonly stdin?: string;
  /** After this long the program and everything in its process group is killed. Unlimited by default. */
  readonly timeoutMs?: number;
}

export interface RunResult {
  /** `undefined` if a signal ended the program. */
  readonly exitCode: number | undefined;
  readonly signal?: string;
  readonly timedOut: boolean;
  /** As UTF-8, each at most 4 MiB; what comes after is dropped. */
  readonly stdout: string;
  readonly stderr: string;
}

/** No program that we run has more to say; one that runs wild must not fill the memory of the host. */
const maxOutputBytes = 4 * 1024 * 1024;

// A program that leaves a daemon behind may leave it holding our pipe: what has not come by then is not waited for.
const outputGraceMs = 1000;

/**
 * Runs a program to its end.
 *
 * @param command  program, looked up in PATH unless it has a slash, and its arguments
 * @throws  Error naming the program if it cannot be started
 */
export function run(command: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const [program = "", ...args] = command;
  const { promise, resolve, reject } = Promise.withResolvers<RunResult>();
  if (program === "") return Promise.reject(new Error("cannot start a program without a name"));
  // Its own process group, so that the time limit reaches the programs it started too.
  const child = spawn(program, args, { env: { ...process.env, ...options.env }, detached: true });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  let timedOut = false;
  const limit =
    options.timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          killGroup(child.pid);
        }, options.timeoutMs);
  const finish = (code: number | null, signal: NodeJS.Signals | null) => {
    clearTimeout(limit);
    resolve({
      exitCode: code ?? undefined,
      ...(signal === null ? {} : { signal }),
      timedOut,
      stdout: stdout(),
      stderr: stderr(),
    });
  };
  child.on("error", (cause) => {
    clearTimeout(limit);
    reject(new Error(`cannot start ${program}: ${cause.message}`, { cause }));
  });
  child.on("close", finish);
  child.on("exit", (code, signal) => setTimeout(() => finish(code, signal), outputGraceMs).unref());
  // A program may end without reading what it is given; its exit code tells whether that was right.
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.stdin ?? "");
  return promise;
}

/** Says how a program ended, for messages: "exit code 3", "signal SIGKILL", "no end within 60 s". */
export function endText(result: RunResult, options: RunOptions = {}): string {
  if (result.timedOut) return `did not end within ${(options.timeoutMs ?? 0) / 1000} s`;
  return result.exitCode === undefined ? `ended by signal ${result.signal}` : `exit code ${result.exitCode}`;
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on("data", (chunk: Buffer) => {
    if (size < maxOutputBytes) chunks.push(chunk.subarray(0, maxOutputBytes - size));
    size += chunk.length;
  });
  return () => Buffer.concat(chunks).toString("utf8");
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // ESRCH: it ended by itself in this very moment, which is what the kill was for.
  }
}
