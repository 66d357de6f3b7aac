/** The frames that a connection of HTTP/2 is made of. @source RFC 9113 sections 4 and 6 */

export const frameType = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const flag = { ack: 0x1, endStream: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;

export const setting = { tableSize: 1, push: 2, window: 4, frameBytes: 5 } as const;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  /** 0 for the connection as a whole. */
  readonly stream: number;
  readonly payload: Buffer;
}

const headBytes = 9;

export function encodeFrame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(headBytes + payload.length);
  frame.writeUIntBE(payload.length, 0, 3);
  frame.writeUInt8(type, 3);
  frame.writeUInt8(flags, 4);
  frame.writeUInt32BE(stream, 5);
  frame.set(payload, headBytes);
  return frame;
}

/** A payload of one number of 32 bits. */
export function number32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function encodeSettings(settings: readonly (readonly [number: number, value: number])[]): Buffer {
  const bytes = Buffer.allocUnsafe(settings.length * 6);
  for (const [index, [number, value]] of settings.entries()) {
    bytes.writeUInt16BE(number, index * 6);
    bytes.writeUInt32BE(value, index * 6 + 2);
  }
  return bytes;
}

export function decodeSettings(payload: Buffer): ReadonlyMap<number, number> {
  const settings = new Map<number, number>();
  for (let at = 0; at + 6 <= payload.length; at += 6) {
    settings.set(payload.readUInt16BE(at), payload.readUInt32BE(at + 2));
  }
  return settings;
}

/** The payload without what may be around it: filling, and the place among other streams. */
export function contentOf({ type, flags, payload }: Frame): Buffer {
  const padding = (flags & flag.padded) === 0 ? 0 : (payload[0] ?? 0);
  const from =
    ((flags & flag.padded) === 0 ? 0 : 1) +
    (type === frameType.headers && (flags & flag.priority) !== 0 ? 5 : 0);
  return payload.subarray(from, Math.max(from, payload.length - padding));
}

/** Cuts what comes from a socket into frames. */
export class FrameReader {
  private rest: Buffer = Buffer.alloc(0);

  /** The frames that are whole with this. */
  *push(bytes: Buffer): Generator<Frame, void, undefined> {
    this.rest = this.rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.rest, bytes]);
    while (this.rest.length >= headBytes) {
      const end = headBytes + this.rest.readUIntBE(0, 3);
      if (this.rest.length < end) return;
      const frame = {
        type: this.rest.readUInt8(3),
        flags: this.rest.readUInt8(4),
        stream: this.rest.readUInt32BE(5) & 0x7fffffff,
        payload: this.rest.subarray(headBytes, end),
      };
      this.rest = this.rest.subarray(end);
      yield frame;
    }
  }
}
