/**
 * Decompresses one LZ4 frame as it comes, with `lz4` as a process of its own.
 *
 * Why a process: host programs run without the JIT (nothing may be written and executed), so neither `bun:ffi` nor a
 * decoder of our own is fast here. A root image of 251 MB took, in seconds: own decoder 11 without the JIT and 0.7 with
 * it; through this pipe 0.6 either way, on the second core. And what is decompressed has not been verified yet: a
 * process without rights, that sees nothing but its pipes, is the right place for a decoder written in C.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { messageOf } from "../../linux/failure.ts";
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
const STDERR_LIMIT = 4096; // characters: it says one line, and must not fill the memory when it says more

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
  const child = await start();
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
    for await (const piece of child.stdout) {
      if (piece instanceof Uint8Array) yield piece;
    }
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

async function start(): Promise<ChildProcessWithoutNullStreams> {
  const [program = "", ...args] =
    process.getuid?.() === 0 ? [...WITHOUT_RIGHTS, ...DECOMPRESSOR] : DECOMPRESSOR;
  // Of the environment it gets what finds it, and nothing that changes what it does or that it could tell.
  const child = spawn(program, args, { stdio: "pipe", env: { PATH: process.env.PATH } });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (cause) =>
      reject(new NoDecompressor(`${program} cannot be started: ${messageOf(cause)}`, { cause })),
    );
  });
  return child;
}

/** Passes the frame on. Its last piece goes out after the source has proven all of them. */
async function feed(
  compressed: AsyncIterable<Uint8Array>,
  walk: FrameWalk,
  stdin: ChildProcessWithoutNullStreams["stdin"],
  stop: AbortSignal,
): Promise<void> {
  // A child that ended early breaks the pipe: how it ended says why, and is looked at.
  stdin.on("error", () => undefined);
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
    if (held !== undefined && bad === undefined) await write(stdin, held);
    held = piece;
  }
  walkTo(() => walk.end());
  if (bad !== undefined) throw bad;
  if (held !== undefined) await write(stdin, held);
  stdin.end();
}

/** Returns once there is room for more, or nobody reads any more. */
async function write(stdin: ChildProcessWithoutNullStreams["stdin"], piece: Uint8Array): Promise<void> {
  if (stdin.destroyed || stdin.write(piece)) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      stdin.off("drain", done).off("close", done);
      resolve();
    };
    stdin.on("drain", done).on("close", done);
  });
}

/** @returns once it has ended and all it wrote was taken; undefined when it ended well */
function endOf(child: ChildProcessWithoutNullStreams): Promise<Error | undefined> {
  let said = "";
  child.stderr.on("data", (piece: Buffer) => {
    if (said.length < STDERR_LIMIT) said += piece.toString("utf8");
  });
  return new Promise((resolve) => {
    child.on("close", (code, killedBy) => {
      const about = ABOUT_THE_FRAME.exec(said)?.[1];
      if (code === 0) resolve(undefined);
      else if (about !== undefined) resolve(new BadFrame(about));
      else resolve(new NoDecompressor(`lz4 ended with ${killedBy ?? `exit code ${code}`}: ${said.trim()}`));
    });
  });
}
