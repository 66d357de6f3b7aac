/** What stands before a file in a tar archive (POSIX.1-2017 pax, "ustar Interchange Format"). */

/** Everything in the format is a multiple of this. */
export const BLOCK_BYTES = 512;

export interface TarEntry {
  /** With "/" between names, and at the end of a directory's. */
  readonly name: string;
  readonly kind: "file" | "directory";
  readonly bytes: number;
  /** Permission bits. */
  readonly mode: number;
  /** Seconds since 1970. */
  readonly modified: number;
}

const largestOctal = 0o77777777777; // what eleven octal digits hold: 8 GiB less one byte

/** The header of an entry; its length does not depend on `bytes`, so that it can be written again when they are counted. */
export function tarHeader(entry: TarEntry): Uint8Array {
  const { name } = entry;
  const type = entry.kind === "file" ? "0" : "5";
  if (/^[\x20-\x7e]{1,100}$/.test(name)) return block(name, type, entry);
  const record = paxRecord("path", name);
  const padding = Buffer.alloc(paddingBytes(record.length));
  const before = { ...entry, bytes: record.length, mode: 0o644 };
  return Buffer.concat([block("path", "x", before), record, padding, block("long-name", type, entry)]);
}

/** How many bytes of zero fill the last block of so many bytes. */
export function paddingBytes(bytes: number): number {
  return (BLOCK_BYTES - (bytes % BLOCK_BYTES)) % BLOCK_BYTES;
}

function block(name: string, type: string, { bytes, mode, modified }: TarEntry): Buffer {
  const header = Buffer.alloc(BLOCK_BYTES);
  header.write(name, 0, "latin1");
  header.write(`${octal(mode, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100, "latin1");
  writeSize(header, bytes);
  header.write(`${octal(Math.max(0, Math.floor(modified)), 11)}\0`, 136, "latin1");
  header.write(`        ${type}`, 148, "latin1"); // the checksum is made over spaces in its own place
  header.write("ustar\x0000root", 257, "latin1");
  header.write("root", 297, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\0 `, 148, "latin1");
  return header;
}

/** Sizes that octal digits cannot hold are binary behind a byte of 0x80, which every tar of today reads. */
function writeSize(header: Buffer, bytes: number): void {
  if (bytes <= largestOctal) {
    header.write(`${octal(bytes, 11)}\0`, 124, "latin1");
    return;
  }
  header[124] = 0x80;
  header.writeBigUInt64BE(BigInt(bytes), 128);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}

/** `LENGTH NAME=VALUE\n`, where LENGTH counts itself. */
function paxRecord(name: string, value: string): Buffer {
  const rest = Buffer.from(` ${name}=${value}\n`);
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}
