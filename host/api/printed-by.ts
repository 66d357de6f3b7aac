/** Asking another of our programs, as a process beside the server, so that what it loads and takes ends with it. */
import { endedHow } from "./applier.ts";

/** What is asked. */
export interface Question {
  /** The program as messages call it. */
  readonly name: string;
  readonly command: readonly string[];
  /** What it is given on its standard input. */
  readonly input: string;
  /** It is killed if it has not ended by then. */
  readonly timeoutMs: number;
}

/**
 * What a program prints that ends well.
 *
 * @throws  Error when it cannot be started, fails (with what it said on stderr), or does not end in time
 */
export async function printedBy({ name, command, input, timeoutMs }: Question): Promise<string> {
  const child = Bun.spawn([...command], {
    // Named, because a child otherwise gets the environment that this process was started with, NOTIFY_SOCKET included.
    env: process.env,
    stdin: Buffer.from(input),
    stdout: "pipe",
    stderr: "pipe",
    timeout: timeoutMs,
    killSignal: "SIGKILL",
  });
  const [printed, said] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (child.exitCode === 0) return printed;
  throw new Error(`${name} ${endedHow(child)}${said.trim() === "" ? "" : `: ${said.trim()}`}`);
}
