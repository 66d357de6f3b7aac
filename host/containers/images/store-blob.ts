/** Content brought into containerd's store, from where an earlier try ended. */
import { setTimeout as pause } from "node:timers/promises";
import { type Containerd, ContainerdError, type WriteStream } from "../runtime/containerd.ts";
import { writeAction } from "../runtime/messages.ts";
import type { Descriptor } from "./manifest.ts";
import { EndpointError } from "./registry.ts";

/**
 * Content is handed over in pieces, each answered before the next. With the runtime's HTTP/2 a message that does not
 * fit into the window of a stream, 64 KiB, is never sent to its end; with these 40 MB/s get through.
 */
const pieceBytes = 32 * 1024;

/** How long somebody else, who fetches the same, is waited for. */
const lockPauseMs = 300;
const lockMs = 10 * 60_000;

/**
 * Has some content in the store.
 *
 * @param from  the content from an offset on; it is asked again as long as it gets further
 * @param told  is told how many bytes of it there are
 * @throws  EndpointError if it is not to be had, or is something else than it should be; ContainerdError
 */
export async function storeBlob(
  containerd: Containerd,
  { digest, size, mediaType }: Descriptor,
  from: (offset: number) => AsyncIterable<Uint8Array>,
  told: (bytes: number) => void = () => undefined,
): Promise<void> {
  const ref = `pinwheel-${digest}`;
  const common = { ref, total: size, expected: digest };
  const opened = await openWrite(containerd, common);
  if (opened === undefined) return told(size);
  const { stream } = opened;
  let { offset } = opened;
  try {
    const write = async (data: Uint8Array) => {
      const answer = await stream.send({ ...common, action: writeAction.write, offset, data });
      offset = answer.offset;
      told(offset);
    };
    while (offset < size) {
      const before = offset;
      try {
        for await (const piece of inPieces(from(offset))) {
          if (offset + piece.length > size) break;
          await write(piece);
        }
        if (offset < size) throw new EndpointError(`${digest} ended after ${offset} of ${size} bytes`, true);
      } catch (error) {
        if (!(error instanceof EndpointError && error.isOutage && offset > before)) throw error;
      }
    }
    await stream.send({ ...common, action: writeAction.commit, offset });
  } catch (error) {
    if (error instanceof ContainerdError && error.reason === "already-exists") return;
    if (!isWrongContent(error)) throw error;
    // What is there is not what it should be, and going on from it can never make it so.
    stream.end();
    // If it stays after all, the next attempt finds it wrong again, and says so.
    await containerd.call("content.v1.Content/Abort", { ref }).catch(() => undefined);
    const what = `what was sent as ${digest} (${mediaType}) is something else: its digest is wrong`;
    throw new EndpointError(what, false, { cause: error });
  } finally {
    stream.end();
  }
}

interface Common {
  readonly ref: string;
  readonly total: number;
  readonly expected: string;
}

/** @returns `undefined` if the content is there already */
async function openWrite(
  containerd: Containerd,
  common: Common,
): Promise<{ readonly stream: WriteStream; readonly offset: number } | undefined> {
  const deadlineMs = performance.now() + lockMs;
  for (;;) {
    const stream = containerd.openWrite();
    try {
      const { offset } = await stream.send({ ...common, action: writeAction.stat, offset: 0 });
      return { stream, offset };
    } catch (error) {
      stream.end();
      if (!(error instanceof ContainerdError)) throw error;
      if (error.reason === "already-exists") return undefined;
      if (!(error.message.includes("locked") && performance.now() < deadlineMs)) throw error;
      await pause(lockPauseMs);
    }
  }
}

async function* inPieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length; from += pieceBytes) yield chunk.subarray(from, from + pieceBytes);
  }
}

function isWrongContent(error: unknown): boolean {
  return error instanceof ContainerdError && /unexpected commit (digest|size)/.test(error.message);
}
