/** What a container prints, passed on to this process's own output. */
import { closeSync, constants, openSync, readSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { endText, run } from "../../linux/process.ts";

/** The pipes that a container writes into, by their paths. */
export interface OutputPipes {
  readonly stdout: string;
  readonly stderr: string;
}

/** Makes pipes for a container; those of an earlier run are gone then. */
export async function makePipes(directory: string): Promise<OutputPipes> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const pipes = { stdout: join(directory, "stdout"), stderr: join(directory, "stderr") };
  const made = await run(["mkfifo", "-m", "0600", pipes.stdout, pipes.stderr]);
  if (made.exitCode === 0) return pipes;
  throw new Error(`the pipes in ${directory} were not made: ${made.stderr.trim() || endText(made)}`);
}

/**
 * Passes on what comes out of both pipes, from now on.
 *
 * @param errorPrefix  what each line of stderr is to begin with
 */
export function passOn(pipes: OutputPipes, errorPrefix = ""): { finish(): Promise<void> } {
  const prefixed = linesWith(Buffer.from(errorPrefix));
  const both = [
    passOnOne(pipes.stdout, process.stdout, (chunk) => chunk),
    passOnOne(pipes.stderr, process.stderr, prefixed),
  ];
  return {
    async finish() {
      await Promise.all(both.map((each) => each.finish()));
    },
  };
}

// The runtime holds a reader of its own, so that a container never finds its output closed: what it has written waits
// in the pipe, 64 KiB of it. Looking is cheap, and a container that has just spoken is looked at again at once.
const pauseMs = 25;
const idlePauseMs = 100;

function passOnOne(
  path: string,
  to: NodeJS.WriteStream,
  change: (chunk: Buffer) => Buffer,
): { finish(): Promise<void> } {
  // Both ends and without waiting: it can be opened before anybody writes, and does not end when nobody does.
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const buffer = Buffer.alloc(64 * 1024);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let busy: Promise<void> = Promise.resolve();

  /** Everything that is there now. @returns whether there was anything */
  const drain = async (): Promise<boolean> => {
    let found = false;
    for (;;) {
      const count = readNow(fd, buffer);
      if (count === 0) return found;
      found = true;
      await written(to, change(Buffer.from(buffer.subarray(0, count))));
    }
  };
  const look = () => {
    busy = drain().then((found) => {
      timer = setTimeout(look, found ? pauseMs : idlePauseMs);
    });
  };
  look();
  return {
    async finish() {
      await busy;
      clearTimeout(timer);
      await drain();
      closeSync(fd);
    },
  };
}

/** Puts a prefix before every line of what comes in chunks. */
export function linesWith(prefix: Buffer): (chunk: Buffer) => Buffer {
  const newline = 10;
  let isLineStart = true;
  return (chunk) => {
    if (prefix.length === 0) return chunk;
    const parts: Buffer[] = [];
    for (let from = 0; from < chunk.length; ) {
      const end = chunk.indexOf(newline, from);
      const next = end === -1 ? chunk.length : end + 1;
      if (isLineStart) parts.push(prefix);
      parts.push(chunk.subarray(from, next));
      isLineStart = end !== -1;
      from = next;
    }
    return Buffer.concat(parts);
  };
}

function readNow(fd: number, buffer: Buffer): number {
  try {
    return readSync(fd, buffer);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") return 0;
    throw error;
  }
}

/** Waits for whoever reads, so that a container that prints fast does not fill this process. */
function written(to: NodeJS.WriteStream, chunk: Buffer): Promise<void> {
  return new Promise((resolve) => {
    // Nobody reads any more: the container runs on, and what it prints is lost.
    to.write(chunk, () => resolve());
  });
}
