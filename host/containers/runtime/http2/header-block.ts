/**
 * The fields of requests and answers, packed. Nothing is remembered from one block to the next: the table that
 * both ends could keep for that is set to no size when the connection is made, and then nobody may use it.
 *
 * @source RFC 7541 (HPACK)
 */
import { decodeHuffman } from "./huffman.ts";

/** Names and values as they are, none of them shortened. */
export function encodeHeaders(fields: Iterable<readonly [name: string, value: string]>): Buffer {
  const parts: Uint8Array[] = [];
  for (const [name, value] of fields) parts.push(Buffer.of(0), ...encodeText(name), ...encodeText(value));
  return Buffer.concat(parts);
}

/**
 * @returns the fields whose names are spelt out, which those of gRPC all are; what a number stands for is left out
 * @throws  Error if it is none
 */
export function decodeHeaders(block: Uint8Array): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  const at = { block, position: 0 };
  while (at.position < block.length) {
    const first = block[at.position] ?? 0;
    if ((first & 0x80) !== 0) {
      // A number for name and value.
      readNumber(at, 7);
    } else if ((first & 0xe0) === 0x20) {
      // The size of the table, which stays 0.
      readNumber(at, 5);
    } else {
      const nameNumber = readNumber(at, (first & 0xc0) === 0x40 ? 6 : 4);
      const name = nameNumber === 0 ? readText(at) : undefined;
      const value = readText(at);
      if (name !== undefined) fields.set(name, value);
    }
  }
  return fields;
}

interface Place {
  readonly block: Uint8Array;
  position: number;
}

const outOfBlock = "a block of fields ends too early";

/** @param bits  how many of the first byte's lower bits belong to it */
function readNumber(at: Place, bits: number): number {
  const most = 2 ** bits - 1;
  let value = nextByte(at) & most;
  if (value < most) return value;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = nextByte(at);
    value += (byte & 0x7f) << shift;
    if ((byte & 0x80) === 0) return value;
  }
  throw new Error("a block of fields has a number that is too large");
}

function nextByte(at: Place): number {
  const byte = at.block[at.position++];
  if (byte === undefined) throw new Error(outOfBlock);
  return byte;
}

function readText(at: Place): string {
  const isShortened = ((at.block[at.position] ?? 0) & 0x80) !== 0;
  const length = readNumber(at, 7);
  const bytes = at.block.subarray(at.position, at.position + length);
  if (bytes.length < length) throw new Error(outOfBlock);
  at.position += length;
  return Buffer.from(isShortened ? decodeHuffman(bytes) : bytes).toString("utf8");
}

function encodeText(text: string): readonly Uint8Array[] {
  const bytes = Buffer.from(text);
  const length: number[] = [];
  let rest = bytes.length;
  if (rest < 0x7f) length.push(rest);
  else {
    length.push(0x7f);
    for (rest -= 0x7f; rest >= 0x80; rest = Math.floor(rest / 0x80)) length.push((rest % 0x80) | 0x80);
    length.push(rest);
  }
  return [Buffer.from(length), bytes];
}
