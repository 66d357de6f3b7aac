/**
 * Starting the work of a command in the background, and the answer whether it has begun (specification "updates" 8.3).
 * Acts.
 *
 * A process of this runtime has threads and cannot fork, so the work is done by the same program started once more:
 * under the lock, in a session of its own, and with a pipe for its answer. On a host systemd starts it, as a unit of
 * its own: what runs below the API server would end with it.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { messageOf } from "../../linux/failure.ts";
import { commandUnderLock, LOCK_TAKEN } from "../../linux/file-lock.ts";
import { exitCodes, type Refusal } from "./commands.ts";
import { DispatcherFiles } from "./files.ts";
import { record, string } from "./status.ts";
import type { UpdateRequest } from "./work.ts";

/** Tells thar-be-updates in its environment that it is to do the work, and for whose request. */
export const workVariable = "PINWHEEL_UPDATE_WORK";

/** Whether systemd runs this host: sd_booted(3). */
const SYSTEMD = "/run/systemd/system";

/**
 * Starts the work of a command and does not wait for its end.
 *
 * @param args  the command line of this program, which the work is started with, too
 * @returns undefined once it has begun, or why it does not
 */
export async function dispatch(
  request: UpdateRequest,
  args: readonly string[],
): Promise<Refusal | undefined> {
  const files = new DispatcherFiles("/");
  await files.prepare();
  const program = join(dirname(process.execPath), "thar-be-updates");
  const env = { [workVariable]: request.id };
  const command = commandUnderLock(files.lock, [program, ...args]);
  const { answer, exitCode } = await answerOf(existsSync(SYSTEMD) ? asUnit(command, env) : command, env);
  if (answer !== undefined) return parseAnswer(answer);
  if (exitCode !== LOCK_TAKEN) {
    const says = `The work did not begin: ${command.join(" ")} ended with exit code ${exitCode}; its journal says why`;
    return { exitCode: exitCodes.failed, says };
  }
  const says = `Another update command runs and holds ${files.lock}; see how far it is: apiclient update status`;
  return { exitCode: exitCodes.locked, says };
}

/** Says whether the work begins. The other end reads one line. */
export function answerLine(refusal: Refusal | undefined): string {
  return `${JSON.stringify(refusal ?? {})}\n`;
}

/** Reads what `answerLine` has made. @throws Error for anything else */
export function parseAnswer(line: string): Refusal | undefined {
  const fields = record("the answer", JSON.parse(line));
  if (fields.exitCode === undefined) return undefined;
  return { exitCode: Number(fields.exitCode), says: string("says", fields.says) };
}

/** The command line that has systemd start another one with our streams. */
export function asUnit(command: readonly string[], env: Readonly<Record<string, string>>): readonly string[] {
  return [
    "/usr/bin/systemd-run",
    "--quiet",
    "--collect",
    "--pipe",
    "--service-type=exec",
    "--description=Update command",
    // Whatever the host is there for goes first.
    "--property=CPUWeight=20",
    "--property=IOWeight=20",
    "--property=MemoryDenyWriteExecute=yes",
    ...Object.entries(env).map(([name, value]) => `--setenv=${name}=${value}`),
    "--",
    ...command,
  ];
}

interface Answered {
  /** The first line that was printed; undefined if it ended without one. */
  readonly answer?: string;
  readonly exitCode?: number;
}

function answerOf(command: readonly string[], env: Readonly<Record<string, string>>): Promise<Answered> {
  const [program = "", ...args] = command;
  const { promise, resolve, reject } = Promise.withResolvers<Answered>();
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    // Its log goes where ours does that is no answer to anybody: whoever waits for our stderr must not wait for its end.
    stdio: ["ignore", "pipe", 1],
    detached: true,
  });
  let printed = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    printed += chunk.toString("utf8");
    const end = printed.indexOf("\n");
    if (end === -1) return;
    child.unref();
    resolve({ answer: printed.slice(0, end) });
  });
  child.on("error", (cause) => reject(new Error(`cannot start ${program}: ${messageOf(cause)}`, { cause })));
  child.on("close", (code) => resolve({ exitCode: code ?? 1 }));
  return promise;
}
