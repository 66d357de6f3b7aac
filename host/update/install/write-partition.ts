/**
 * Writes an image to a partition and looks whether the medium has it, one part while the next is still coming.
 *
 * Terms: a *piece* is what is written at once; a *stretch* is a number of pieces that are brought to the medium and read
 * back together. Memory holds three pieces and the digests of two stretches, however large the image is; and the host
 * never has more than two stretches that wait to be written.
 */
import { messageOf } from "../../linux/failure.ts";
import { DIRECT_BYTES, type Partition } from "../../linux/partition.ts";
import { fail, type ImageFacts } from "./failures.ts";

const PIECE_BYTES = 512 * DIRECT_BYTES; // 2 MiB: large enough for disks to be at their fastest
const PIECES_A_STRETCH = 16;

interface WrittenPiece {
  readonly at: number;
  readonly bytes: number;
  readonly digest: bigint;
}

export class PartitionWriter {
  readonly #partition: Partition;
  readonly #facts: ImageFacts;
  readonly #readingBuffer: Uint8Array;
  /** One is filled while the other is written. */
  #filling = new Uint8Array(PIECE_BYTES);
  #emptying = new Uint8Array(PIECE_BYTES);
  #filled = 0;
  #at = 0;
  #stretch: WrittenPiece[] = [];
  #writing: Promise<void> = Promise.resolve();
  #settling: Promise<void> = Promise.resolve();

  static async make(partition: Partition, facts: ImageFacts): Promise<PartitionWriter> {
    return new PartitionWriter(partition, facts, await partition.directBuffer(PIECE_BYTES));
  }

  private constructor(partition: Partition, facts: ImageFacts, readingBuffer: Uint8Array) {
    this.#partition = partition;
    this.#facts = facts;
    this.#readingBuffer = readingBuffer;
  }

  /**
   * Appends to the image.
   *
   * @throws install/too-large before anything beyond the partition is written; install/not-written, install/not-kept,
   *   also about what was added before
   */
  async add(bytes: Uint8Array): Promise<void> {
    const needs = this.#at + this.#filled + bytes.length;
    const holds = this.#partition.bytes;
    if (needs > holds) throw fail("install/too-large", { ...this.#facts, holds, needs, exact: false });
    for (let taken = 0; taken < bytes.length; ) {
      const part = bytes.subarray(taken, taken + PIECE_BYTES - this.#filled);
      this.#filling.set(part, this.#filled);
      this.#filled += part.length;
      taken += part.length;
      if (this.#filled === PIECE_BYTES) await this.#writePiece();
    }
  }

  /**
   * Returns once all that was added has been found on the medium.
   *
   * @returns length of the image
   * @throws as `add`
   */
  async finish(): Promise<number> {
    if (this.#filled > 0) await this.#writePiece();
    await this.#settleStretch();
    await this.#settling;
    return this.#at;
  }

  /** Returns once nothing is under way any more, whether it went well or not: the partition may then be closed. */
  async stop(): Promise<void> {
    await Promise.allSettled([this.#writing, this.#settling]);
  }

  async #writePiece(): Promise<void> {
    const piece = this.#filling.subarray(0, this.#filled);
    const at = this.#at;
    // The other buffer is free again when its piece is written.
    await this.#writing;
    this.#writing = watched(this.#write(at, piece));
    [this.#filling, this.#emptying] = [this.#emptying, this.#filling];
    this.#stretch.push({ at, bytes: piece.length, digest: digestOf(piece) });
    this.#at += piece.length;
    this.#filled = 0;
    if (this.#stretch.length === PIECES_A_STRETCH) await this.#settleStretch();
  }

  async #settleStretch(): Promise<void> {
    await this.#writing;
    await this.#settling;
    this.#settling = watched(this.#settle(this.#stretch));
    this.#stretch = [];
  }

  async #write(at: number, piece: Uint8Array): Promise<void> {
    try {
      await this.#partition.write(at, piece);
    } catch (cause) {
      throw fail("install/not-written", { ...this.#facts, at, reason: messageOf(cause) }, { cause });
    }
  }

  async #settle(stretch: readonly WrittenPiece[]): Promise<void> {
    try {
      await this.#partition.flush();
    } catch (cause) {
      const at = stretch[0]?.at ?? 0;
      throw fail("install/not-written", { ...this.#facts, at, reason: messageOf(cause) }, { cause });
    }
    for (const piece of stretch) await this.#compare(piece);
  }

  async #compare({ at, bytes, digest }: WrittenPiece): Promise<void> {
    // Asked for in whole blocks: the last piece of an image may end within one.
    const blocks = Math.ceil(bytes / DIRECT_BYTES) * DIRECT_BYTES;
    const buffer = this.#readingBuffer.subarray(0, blocks);
    const notKept = (reason: string, cause?: unknown) =>
      fail("install/not-kept", { ...this.#facts, at, bytes, reason }, { cause });
    let found: number;
    try {
      found = await this.#partition.readBack(at, buffer);
    } catch (cause) {
      throw notKept(messageOf(cause), cause);
    }
    if (found < bytes) throw notKept(`only ${found} of them can be read`);
    if (digestOf(buffer.subarray(0, bytes)) !== digest) throw notKept("their digests differ");
  }
}

/** Against failing hardware, not against people: what they sign is hashed while it is fetched, and again by dm-verity. */
const digestOf = (bytes: Uint8Array): bigint => Bun.hash.xxHash64(bytes);

/** The same promise, whose failure may come before anybody waits for it: every one of them is awaited later. */
function watched(work: Promise<void>): Promise<void> {
  work.catch(() => undefined);
  return work;
}
