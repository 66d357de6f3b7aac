/**
 * Runs one command in a root shell of a host that has no shell of its own: over SSH to its admin container, and from
 * there with `sudo sheltie` into the host.
 *
 * There is no terminal on the way, so output comes back byte for byte. Two marks with a random number tell what it is:
 * the first comes when the command begins, in the host; the second behind its end, with its exit code. Without the
 * first nothing of the command was run, and what was printed instead says why.
 */
import { randomBytes } from "node:crypto";
import type { AskOutcome } from "./ask.ts";
import { quoted } from "./ask.ts";

const AGAIN_MS = 500; // between two attempts to connect: each costs both sides some processor time

/** Starts an ssh client that gives this line to the login shell there. */
export type Connect = (line: string) => {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

/**
 * @param isThere    whether the machine still runs: there is no use in trying longer than that
 * @param connectMs  limit for getting into the host; it is tried again and again until then
 * @param commandMs  limit for the command itself; one that takes longer is ended
 */
export async function askOverSsh(
  connect: Connect,
  isThere: () => Promise<boolean>,
  command: string,
  connectMs: number,
  commandMs: number,
): Promise<AskOutcome> {
  const deadline = performance.now() + connectMs;
  for (;;) {
    const outcome = await attempt(connect, command, deadline - performance.now(), commandMs);
    if (outcome.kind !== "no-way-in" && outcome.kind !== "connection-lost") return outcome;
    if (!(await isThere())) return { kind: "closed" };
    if (outcome.kind === "connection-lost" || performance.now() + AGAIN_MS > deadline) return outcome;
    await Bun.sleep(AGAIN_MS);
  }
}

async function attempt(
  connect: Connect,
  command: string,
  connectMs: number,
  commandMs: number,
): Promise<AskOutcome> {
  const mark = randomBytes(8).toString("hex");
  const { command: words, env } = connect(remoteLine(command, mark, commandMs));
  const child = Bun.spawn([...words], { env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const problems = new Response(child.stderr).text();
  let late = false;
  const end = () => {
    late = true;
    child.kill("SIGKILL");
  };
  let timer = setTimeout(end, Math.max(connectMs, 0));
  let begun = false;
  const chunks: Uint8Array[] = [];
  for await (const chunk of child.stdout) {
    chunks.push(chunk);
    if (begun || !Buffer.concat(chunks).includes(beginning(mark))) continue;
    begun = true;
    clearTimeout(timer);
    timer = setTimeout(end, commandMs);
  }
  await child.exited;
  clearTimeout(timer);
  const read = readAnswer(Buffer.concat(chunks), mark);
  if (read.kind === "no-way-in") {
    const said = `${await problems}${read.reason}`.trim();
    return { kind: "no-way-in", reason: said || (late ? "nothing answered" : "the connection ended") };
  }
  return late && read.kind !== "answered" ? { kind: "timeout" } : read;
}

const beginning = (mark: string) => `PW${mark}BEGIN`;

/**
 * For the login shell of the admin container. In the host timeout ends a command whose client has gone away: without a
 * terminal nothing else would.
 */
function remoteLine(command: string, mark: string, commandMs: number): string {
  const limit = Math.ceil(commandMs / 1000) + 1;
  const inHost = `printf PW%sBEGIN ${mark}; exec timeout -k 5 ${limit} bash -c ${quoted(command)}`;
  return `sudo sheltie bash -c ${quoted(inHost)} </dev/null 2>&1; printf 'PW%sEND%d.' ${mark} $?`;
}

/** @returns "connection-lost" when it began and its end is missing: the host, or the way to it, went away */
export function readAnswer(received: Buffer, mark: string): AskOutcome {
  const start = beginning(mark);
  const from = received.indexOf(start);
  const text = received.toString("latin1");
  const [ending, code] = new RegExp(`PW${mark}END(\\d+)\\.$`).exec(text) ?? [];
  if (from === -1) {
    // What sudo or sheltie said; the connection alone says it on the client's own stderr.
    return { kind: "no-way-in", reason: ending === undefined ? text : text.slice(0, -ending.length) };
  }
  if (ending === undefined) return { kind: "connection-lost" };
  const bytes = received.subarray(from + start.length, received.length - ending.length);
  return {
    kind: "answered",
    answer: { exitCode: Number(code), output: bytes.toString("utf8"), bytes: new Uint8Array(bytes) },
  };
}
