/**
 * Decompresses one LZ4 frame as it comes, with `lz4` as a process of its own.
 *
 * Why a process: host programs run without the JIT (nothing may be written and executed), so neither `bun:ffi` nor a
 * decoder of our own is fast here. A root image of 251 MB took, in seconds: own decoder 11 without the JIT and 0.7 with
 * it; through this pipe 0.6 either way, on the second core. And what is decompressed has not been verified yet: a
 * process without rights, that sees nothing but its pipes, is the right place for a decoder written in C.
 */
import { messageOf } from "../../linux/failure.ts";
import { errorCode } from "../../linux/files.ts";
import { BadFrame, type FrameWalk } from "./frame-walk.ts";

/** Sparse output would leave out what is zero: fine for a new file, but a partition holds an older image. */
const DECOMPRESSOR = ["lz4", "-d", "-c", "-q", "--no-sparse"];
const NOBODY = 65534;
const WITHOUT_RIGHTS = [
  ...["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"],
  ...["--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", "--"],
];
/** What lz4 says about what it was given; anything else is about itself. */
const ABOUT_THE_FRAME = /^Error \d+ : (.*?) *$/m;
/** Pieces from a network are small: to wait for room after each would take longer than to decompress it. */
const WAITING_BYTES = 1024 * 1024;
const STDERR_LIMIT = 4096; // characters: it says one line, and must not fill the memory when it says more

/** Not that of node:child_process: its streams take three times the processor time. */
type Child = Bun.Subprocess<"pipe", "pipe", "pipe">;

/** It could not be started, or ended for a reason that is not in the frame. */
export class NoDecompressor extends Error {
  override readonly name = "NoDecompressor";
}

/**
 * What the frame holds, piece by piece. Returns only after the compressed bytes were taken to their very end, so that
 * the check which their source makes there has passed. Even when the frame is bad they are taken to the end first:
 * a wrong hash explains a bad frame, not the other way round.
 *
 * @param walk  walks over the bytes before they are decompressed
 * @throws BadFrame when it is not exactly one good frame; NoDecompressor; the signal's reason; what `compressed` throws
 */
export async function* decompress(
  compressed: AsyncIterable<Uint8Array>,
  walk: FrameWalk,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  signal.throwIfAborted();
  const child = start();
  const ended = endOf(child);
  const left = new AbortController();
  const kill = () => child.kill("SIGKILL");
  const feeding = feed(compressed, walk, child.stdin, AbortSignal.any([signal, left.signal])).catch(
    (error: unknown) => {
      kill();
      throw error;
    },
  );
  // Its failure is looked at below; that it comes before anybody looks must not end the program.
  feeding.catch(() => undefined);
  signal.addEventListener("abort", kill);
  try {
    yield* child.stdout;
    const problem = await ended;
    // A source that hangs must not keep what was aborted from ending.
    signal.throwIfAborted();
    await feeding;
    if (problem !== undefined) throw problem;
  } finally {
    signal.removeEventListener("abort", kill);
    left.abort();
    kill();
    await ended;
  }
}

function start(): Child {
  const command = process.getuid?.() === 0 ? [...WITHOUT_RIGHTS, ...DECOMPRESSOR] : DECOMPRESSOR;
  try {
    // Of the environment it gets what finds it, and nothing that changes what it does or that it could tell.
    const env = { PATH: process.env.PATH };
    return Bun.spawn([...command], { stdin: "pipe", stdout: "pipe", stderr: "pipe", env });
  } catch (cause) {
    throw new NoDecompressor(`${command[0]} cannot be started: ${messageOf(cause)}`, { cause });
  }
}

/** Passes the frame on. Its last piece goes out after the source has proven all of them. */
async function feed(
  compressed: AsyncIterable<Uint8Array>,
  walk: FrameWalk,
  stdin: Child["stdin"],
  stop: AbortSignal,
): Promise<void> {
  let waiting = 0;
  let held: Uint8Array | undefined;
  let bad: BadFrame | undefined;
  const walkTo = (step: () => void) => {
    try {
      if (bad === undefined) step();
    } catch (error) {
      if (!(error instanceof BadFrame)) throw error;
      bad = error;
    }
  };
  for await (const piece of compressed) {
    if (stop.aborted) return;
    walkTo(() => walk.take(piece));
    if (held !== undefined && bad === undefined) waiting = await write(stdin, held, waiting);
    held = piece;
  }
  walkTo(() => walk.end());
  if (bad !== undefined) throw bad;
  if (held !== undefined) await write(stdin, held, waiting);
  await unlessBroken(() => stdin.end());
}

/** Passes a piece on; now and then waits until there is room for more, or nobody reads any more. */
async function write(stdin: Child["stdin"], piece: Uint8Array, waiting: number): Promise<number> {
  let bytes = waiting + piece.length;
  await unlessBroken(async () => {
    // It may turn out later that the pipe is broken: how the child ended says why, and is looked at.
    Promise.resolve(stdin.write(piece)).catch(() => undefined);
    if (bytes < WAITING_BYTES) return;
    await stdin.flush();
    bytes = 0;
  });
  return bytes;
}

/** A child that ended early breaks the pipe: how it ended says why, and is looked at. */
async function unlessBroken(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (errorCode(error) !== "EPIPE") throw error;
  }
}

/** @returns once it has ended; undefined when it ended well */
async function endOf({ stderr, exited }: Child): Promise<Error | undefined> {
  const decoder = new TextDecoder();
  let said = "";
  for await (const piece of stderr) {
    if (said.length < STDERR_LIMIT) said += decoder.decode(piece, { stream: true });
  }
  const code = await exited;
  if (code === 0) return undefined;
  const about = ABOUT_THE_FRAME.exec(said)?.[1];
  return about === undefined
    ? new NoDecompressor(`lz4 ended with exit code ${code}: ${said.trim()}`)
    : new BadFrame(about);
}
