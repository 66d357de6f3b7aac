/**
 * Walks along an LZ4 frame without decompressing it: where it ends, whether it is whole, and what it says about itself.
 * Decides only.
 *
 * An image is exactly one frame (specification "updates" 12.3). The format also knows frames one behind the other,
 * skippable ones and an older kind without an end: a host that decompresses only the first frame would then boot
 * something else than one that decompresses all of them, so each of these is refused.
 *
 * Source: the LZ4 frame format, version 1.6.
 */

/** The bytes are no frame, not all of one, or more than one. */
export class BadFrame extends Error {
  override readonly name = "BadFrame";
}

const MAGIC = 0x184d2204;
/** Largest block by the number in bits 4 to 6 of the block descriptor; smaller numbers are reserved. */
const MAX_BLOCK_BYTES = new Map([
  [4, 64 * 1024],
  [5, 256 * 1024],
  [6, 1024 * 1024],
  [7, 4 * 1024 * 1024],
]);
const RESERVED_FLAG = 0x02;
const RESERVED_DESCRIPTOR_BITS = 0x8f;
const SIZE_BITS = 0x7fff_ffff; // the highest bit says that a block is stored as it is

/** The next bytes of a frame: a field to look at (at most 8 bytes), or so many to pass by. */
type Want = { readonly kind: "field" | "pass"; readonly bytes: number };

export class FrameWalk {
  #contentBytes: bigint | undefined;
  #passed = 0;
  readonly #field = new DataView(new ArrayBuffer(8));
  readonly #steps = this.#frame();
  #next = this.#steps.next(this.#field);
  #have = 0;

  /** Length of what the frame holds, when it says so and has been walked that far. */
  get contentBytes(): bigint | undefined {
    return this.#contentBytes;
  }

  /**
   * Walks over the next bytes, however they are cut.
   *
   * @throws BadFrame at the first byte that does not belong to the one frame
   */
  take(piece: Uint8Array): void {
    for (let at = 0; at < piece.length; ) {
      const { done, value } = this.#next;
      if (done === true) throw new BadFrame(`bytes follow the end of the LZ4 frame at byte ${this.#passed}`);
      const bytes = Math.min(value.bytes - this.#have, piece.length - at);
      if (value.kind === "field") {
        for (let n = 0; n < bytes; n++) this.#field.setUint8(this.#have + n, piece[at + n] ?? 0);
      }
      at += bytes;
      this.#passed += bytes;
      this.#have += bytes;
      if (this.#have === value.bytes) {
        this.#have = 0;
        this.#next = this.#steps.next(this.#field);
      }
    }
  }

  /** @throws BadFrame when the bytes ended before the frame did */
  end(): void {
    if (this.#next.done !== true) throw new BadFrame(`the LZ4 frame is cut off after ${this.#passed} bytes`);
  }

  *#frame(): Generator<Want, void, DataView> {
    const magic = (yield { kind: "field", bytes: 4 }).getUint32(0, true);
    if (magic !== MAGIC) throw new BadFrame(`it does not start like an LZ4 frame (found ${hex(magic)})`);
    const descriptor = yield { kind: "field", bytes: 2 };
    const flags = descriptor.getUint8(0);
    const maxBlockBytes = MAX_BLOCK_BYTES.get(descriptor.getUint8(1) >> 4);
    const reserved = flags & RESERVED_FLAG || descriptor.getUint8(1) & RESERVED_DESCRIPTOR_BITS;
    if (flags >> 6 !== 1 || reserved !== 0 || maxBlockBytes === undefined) {
      throw new BadFrame(`its LZ4 frame is of an unknown kind (flags ${hex(descriptor.getUint16(0))})`);
    }
    const has = (bit: number) => (flags & (1 << bit)) !== 0;
    if (has(0)) throw new BadFrame("its LZ4 frame needs a dictionary, and there is none");
    if (has(3)) this.#contentBytes = (yield { kind: "field", bytes: 8 }).getBigUint64(0, true);
    yield { kind: "pass", bytes: 1 }; // checksum of the descriptor
    for (;;) {
      const size = (yield { kind: "field", bytes: 4 }).getUint32(0, true);
      if (size === 0) break;
      const bytes = size & SIZE_BITS;
      if (bytes === 0 || bytes > maxBlockBytes) {
        throw new BadFrame(`its LZ4 frame has a block of ${bytes} bytes, where 1 to ${maxBlockBytes} can be`);
      }
      yield { kind: "pass", bytes: bytes + (has(4) ? 4 : 0) };
    }
    if (has(2)) yield { kind: "pass", bytes: 4 };
  }
}

const hex = (value: number) => `0x${value.toString(16)}`;
