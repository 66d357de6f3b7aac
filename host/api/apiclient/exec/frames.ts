/**
 * WebSocket frames as a client needs them (RFC 6455 5.2): its own are masked and whole, the server's are neither masked
 * nor, in this API, ever in fragments.
 */

export const opcodes = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
type Opcode = (typeof opcodes)[keyof typeof opcodes];

/** A frame that has come whole. */
export interface Frame {
  readonly opcode: Opcode;
  readonly payload: Uint8Array;
}

/** What came is not what a server of this API sends. */
export class ProtocolError extends Error {}

// The server sends at most 4 KiB; a length beyond this is a peer that speaks something else.
const MAX_PAYLOAD_BYTES = 1024 * 1024;

/** The bytes of a frame; the mask is that of zeros, which the protocol allows and which leaves the payload as it is. */
export function encodeFrame(opcode: Opcode, payload: Uint8Array): Uint8Array {
  const { length } = payload;
  const sizeBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const frame = new Uint8Array(2 + sizeBytes + MASK_BYTES + length);
  const view = new DataView(frame.buffer);
  frame[0] = FINAL | opcode;
  frame[1] = MASKED | (sizeBytes === 0 ? length : sizeBytes === 2 ? 126 : 127);
  if (sizeBytes === 2) view.setUint16(2, length);
  if (sizeBytes === 8) view.setBigUint64(2, BigInt(length));
  frame.set(payload, 2 + sizeBytes + MASK_BYTES);
  return frame;
}

const FINAL = 0x80;
const MASKED = 0x80;
const MASK_BYTES = 4;

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  private rest: Uint8Array = new Uint8Array();

  /**
   * @returns the frames that are whole with these bytes; their payloads are views
   * @throws ProtocolError
   */
  push(bytes: Uint8Array): Frame[] {
    let left = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    const frames: Frame[] = [];
    for (;;) {
      const head = readHead(left);
      if (head === undefined || left.length < head.bytes + head.length) break;
      const end = head.bytes + head.length;
      frames.push({ opcode: head.opcode, payload: left.subarray(head.bytes, end) });
      left = left.subarray(end);
    }
    // A copy: the bytes belong to the socket, which reuses them.
    this.rest = left.slice();
    return frames;
  }
}

/** @returns undefined while the head is not whole */
function readHead(bytes: Uint8Array): { opcode: Opcode; bytes: number; length: number } | undefined {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  const opcode = Object.values(opcodes).find((one) => (FINAL | one) === first);
  if (opcode === undefined)
    throw new ProtocolError(`the server sent a frame that begins with 0x${first.toString(16)}`);
  if ((second & MASKED) !== 0) throw new ProtocolError("the server sent a masked frame");
  if (second < 126) return { opcode, bytes: 2, length: second };
  const sizeBytes = second === 126 ? 2 : 8;
  if (bytes.length < 2 + sizeBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = sizeBytes === 2 ? view.getUint16(2) : Number(view.getBigUint64(2));
  if (length > MAX_PAYLOAD_BYTES) throw new ProtocolError(`the server sent a frame of ${length} bytes`);
  return { opcode, bytes: 2 + sizeBytes, length };
}
