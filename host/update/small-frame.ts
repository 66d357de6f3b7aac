/**
 * What an LZ4 frame holds, decoded in one go: for targets of a few KiB, such as migrations, which are read at boot, where no
 * other program is needed for it so. (Images go through another way, as they come.) Decides only.
 *
 * The checksums of the frame are not compared: what is decoded here has been compared with its signed hash.
 *
 * Source: the LZ4 frame format 1.6, and the LZ4 block format.
 */

/** The bytes are not one whole frame, or hold too much. The message is a clause. */
export class BadSmallFrame extends Error {
  override readonly name = "BadSmallFrame";
}

const MAGIC = 0x184d2204;
const VERSION = 1;
const STORED_BIT = 0x8000_0000; // of a block's size: its bytes are not compressed
const SHORTEST_MATCH = 4;

/**
 * Decodes exactly one frame.
 *
 * @param limit  bytes that it may hold
 * @throws BadSmallFrame
 */
export function decodeSmallFrame(frame: Uint8Array, limit: number): Uint8Array {
  const input = new Input(frame);
  if (input.number(4) !== MAGIC) throw new BadSmallFrame("it is no LZ4 frame");
  const flags = input.number(1);
  input.number(1); // the largest block there may be: the limit is below it, or holds as well
  const has = (bit: number) => (flags & (1 << bit)) !== 0;
  if (flags >> 6 !== VERSION || has(0)) throw new BadSmallFrame("its LZ4 frame is of an unknown kind");
  if (has(3)) input.take(8); // what it says of its length is known at the end
  input.take(1); // checksum of what was read so far
  const output = new Output(limit);
  for (let size = input.number(4); size !== 0; size = input.number(4)) {
    const isStored = size >= STORED_BIT;
    const block = input.take(isStored ? size - STORED_BIT : size);
    if (isStored) output.literals(block);
    else decodeBlock(new Input(block), output);
    if (has(4)) input.take(4); // checksum of the block
  }
  if (has(2)) input.take(4); // checksum of the content
  if (!input.isAtEnd) throw new BadSmallFrame("bytes follow the end of the LZ4 frame");
  return output.bytes();
}

/** Sequences of literals and of matches with what has been decoded; the last one has literals alone. */
function decodeBlock(input: Input, output: Output): void {
  for (;;) {
    const token = input.number(1);
    output.literals(input.take(longLength(token >> 4, input)));
    if (input.isAtEnd) return;
    const distance = input.number(2);
    output.match(distance, longLength(token & 15, input) + SHORTEST_MATCH);
  }
}

/** A length that goes on in further bytes when its four bits are all set. */
function longLength(bits: number, input: Input): number {
  let length = bits;
  if (bits < 15) return length;
  for (let more = 255; more === 255; length += more) more = input.number(1);
  return length;
}

class Input {
  private at = 0;

  constructor(private readonly from: Uint8Array) {}

  get isAtEnd(): boolean {
    return this.at === this.from.length;
  }

  take(bytes: number): Uint8Array {
    if (this.at + bytes > this.from.length) throw new BadSmallFrame("its LZ4 frame is cut off, or damaged");
    this.at += bytes;
    return this.from.subarray(this.at - bytes, this.at);
  }

  /** An unsigned number, little-endian. */
  number(bytes: 1 | 2 | 4): number {
    return this.take(bytes).reduceRight((number, byte) => number * 256 + byte, 0);
  }
}

class Output {
  private content = new Uint8Array(4096);
  private length = 0;

  constructor(private readonly limit: number) {}

  bytes(): Uint8Array {
    return this.content.subarray(0, this.length);
  }

  literals(bytes: Uint8Array): void {
    this.grow(bytes.length);
    this.content.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Byte by byte: a match may reach into what it makes. */
  match(distance: number, bytes: number): void {
    if (distance === 0 || distance > this.length) throw new BadSmallFrame("its LZ4 frame is damaged");
    this.grow(bytes);
    const end = this.length + bytes;
    for (; this.length < end; this.length++)
      this.content[this.length] = this.content[this.length - distance] ?? 0;
  }

  private grow(bytes: number): void {
    const needed = this.length + bytes;
    if (needed > this.limit) throw new BadSmallFrame(`it holds more than ${this.limit} bytes`);
    if (needed <= this.content.length) return;
    const larger = new Uint8Array(Math.min(this.limit, Math.max(needed, 2 * this.content.length)));
    larger.set(this.bytes());
    this.content = larger;
  }
}
