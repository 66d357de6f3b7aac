/** The code in which HTTP/2 shortens texts. @source RFC 7541 section 5.2 and appendix B */
import table from "./huffman.toml";

const content: { readonly lengths: readonly number[] } = table;

/** By how many bits it has, and their value as a number. */
let bytesByCode: ReadonlyMap<number, number> | undefined;

/** @throws Error if it is not such a code */
export function decodeHuffman(bytes: Uint8Array): Uint8Array {
  bytesByCode ??= codes();
  const decoded: number[] = [];
  // With a one in front, so that leading zeros count: 1 and the bits so far.
  let code = 1;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      code = code * 2 + ((byte >> bit) & 1);
      const found = bytesByCode.get(code);
      if (found === undefined) continue;
      decoded.push(found);
      code = 1;
    }
  }
  // What is left fills the last byte: up to seven ones.
  if (code >= 256 || (code & (code + 1)) !== 0) throw new Error("a shortened text ends within a code");
  return Uint8Array.from(decoded);
}

function codes(): ReadonlyMap<number, number> {
  const bytes = content.lengths.map((length, byte) => ({ length, byte }));
  bytes.sort((a, b) => a.length - b.length || a.byte - b.byte);
  const found = new Map<number, number>();
  let code = 0;
  let before = 0;
  for (const { length, byte } of bytes) {
    code *= 2 ** (length - before);
    before = length;
    found.set(2 ** length + code, byte);
    code += 1;
  }
  return found;
}
