/** Writes one image of a set: fetched, hashed, decompressed, written and read back in one stream. */

import { messageOf } from "../../linux/failure.ts";
import type { Partition } from "../../linux/partition.ts";
import type { TargetSource } from "../target-source.ts";
import { decompress, NoDecompressor } from "./decompress.ts";
import { fail, type ImageFacts } from "./failures.ts";
import { BadFrame, FrameWalk } from "./frame-walk.ts";
import { PartitionWriter } from "./write-partition.ts";

/**
 * Writes the image of a target to a partition.
 *
 * @param done  is called with how many bytes of the target have come
 * @throws Failure of install/…, the signal's reason; what was written until then stays there
 */
export async function writeImage(
  source: TargetSource,
  partition: Partition,
  facts: ImageFacts,
  done: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const walk = new FrameWalk();
  const writer = await PartitionWriter.make(partition, facts);
  try {
    for await (const piece of decompressed(source, walk, facts, done, signal)) {
      const { contentBytes } = walk;
      if (contentBytes !== undefined && contentBytes > partition.bytes) {
        throw fail("install/too-large", {
          ...facts,
          holds: partition.bytes,
          needs: contentBytes,
          exact: true,
        });
      }
      await writer.add(piece);
    }
    if ((await writer.finish()) === 0) throw fail("install/bad-image", { ...facts, reason: "it is empty" });
  } finally {
    await writer.stop();
  }
}

/** Tells who is at fault when no more comes: the repository, the network, or this host. */
async function* decompressed(
  source: TargetSource,
  walk: FrameWalk,
  facts: ImageFacts,
  done: (bytes: number) => void,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    yield* decompress(counted(source.stream(facts.target), done), walk, signal);
  } catch (cause) {
    signal.throwIfAborted();
    const reason = messageOf(cause);
    if (cause instanceof BadFrame) throw fail("install/bad-image", { ...facts, reason }, { cause });
    if (cause instanceof NoDecompressor)
      throw fail("install/no-decompressor", { ...facts, reason }, { cause });
    throw fail("install/not-fetched", { ...facts, reason }, { cause });
  }
}

async function* counted(
  pieces: AsyncIterable<Uint8Array>,
  done: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of pieces) {
    yield piece;
    bytes += piece.length;
    done(bytes);
  }
}
