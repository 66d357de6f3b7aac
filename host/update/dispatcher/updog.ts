/** updog, as the dispatcher runs it. Acts. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { messageOf } from "../../linux/failure.ts";

const UPDOG = "/usr/bin/updog";

/** How updog ended. */
export interface UpdogEnd {
  /** Its exit code, or the number of the signal that killed it; 127 if it could not be started. */
  readonly exitStatus: number;
  readonly stdout: string;
  readonly stderr: string;
}

const COULD_NOT_START = 127; // as shells have it

/** What is kept of each stream; what comes after is dropped. The list of a repository with hundreds of versions is 1 MB. */
const MOST_BYTES = 8 * 1024 * 1024;

/**
 * Runs updog to its end. However it ends is an answer, also when it cannot even be started.
 *
 * @param lock  the descriptor of the lock, which updog gets too: should this process be killed, no other command begins
 *   before updog has ended
 */
export function runUpdog(args: readonly string[], lock: number): Promise<UpdogEnd> {
  const { promise, resolve } = Promise.withResolvers<UpdogEnd>();
  const child = spawn(UPDOG, args, { stdio: ["ignore", "pipe", "pipe", lock] });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  child.on("error", (error) => {
    const says = `thar-be-updates cannot start ${UPDOG}: ${messageOf(error)}\n`;
    resolve({ exitStatus: COULD_NOT_START, stdout: "", stderr: says });
  });
  child.on("close", (code, signal) => {
    const exitStatus = code ?? (signal === null ? 1 : constants.signals[signal]);
    resolve({ exitStatus, stdout: stdout(), stderr: stderr() });
  });
  return promise;
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream?.on("data", (chunk: Buffer) => {
    if (size < MOST_BYTES) chunks.push(chunk.subarray(0, MOST_BYTES - size));
    size += chunk.length;
  });
  return () => Buffer.concat(chunks).toString("utf8");
}
