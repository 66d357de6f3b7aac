/** Numbered fields as Protocol Buffers write them one after the other. @source "Protocol Buffers: Encoding" */

/** How the value of a field is written. */
const wireType = { number: 0, eightBytes: 1, bytes: 2, fourBytes: 5 } as const;

const cutOff = "a message ends too early";

/** A field with bytes: a text, a message. */
export function writeField(id: number, bytes: Uint8Array): readonly Uint8Array[] {
  return [varint(id * 8 + wireType.bytes), varint(bytes.length), bytes];
}

/** A field with a number, which is whole and not negative. */
export function writeNumber(id: number, value: number): readonly Uint8Array[] {
  return [varint(id * 8 + wireType.number), varint(value)];
}

export interface WireField {
  readonly id: number;
  readonly value: number | Uint8Array;
}

/** @throws Error if they do not end where the bytes do */
export function* readFields(bytes: Uint8Array): Generator<WireField, void, undefined> {
  let at = 0;
  const number = () => {
    let value = 0;
    for (let place = 1; ; place *= 0x80) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error(cutOff);
      value += (byte & 0x7f) * place;
      if (byte < 0x80) return value;
    }
  };
  const piece = (length: number) => {
    at += length;
    if (at > bytes.length) throw new Error(cutOff);
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const head = number();
    const id = Math.floor(head / 8);
    switch (head % 8) {
      case wireType.number:
        yield { id, value: number() };
        break;
      case wireType.bytes:
        yield { id, value: piece(number()) };
        break;
      case wireType.eightBytes:
        piece(8);
        break;
      case wireType.fourBytes:
        piece(4);
        break;
      default:
        throw new Error(`a message has a field of the unknown kind ${head % 8}`);
    }
  }
}

/** Seven bits a byte, the lowest first. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}
