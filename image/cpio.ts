/** Writes cpio archives in the "newc" format that the kernel unpacks as its first root. */

export interface CpioEntry {
  /** Path without leading slash. */
  readonly name: string;
  /** File type and permissions, as in stat. */
  readonly mode: number;
  readonly data?: Uint8Array;
}

const DIRECTORY = 0o040000;
const FILE = 0o100000;

/** A directory entry; parents must come before what is in them. */
export function cpioDirectory(name: string, permissions = 0o755): CpioEntry {
  return { name, mode: DIRECTORY | permissions };
}

/** A file entry. */
export function cpioFile(name: string, data: Uint8Array, permissions = 0o644): CpioEntry {
  return { name, mode: FILE | permissions, data };
}

/** The archive: owned by root, inode numbers by position, one time for all entries. */
export function writeCpio(entries: readonly CpioEntry[], epoch: number): Buffer {
  const parts: Buffer[] = [];
  for (const [index, entry] of [...entries, { name: "TRAILER!!!", mode: 0 }].entries()) {
    const data = "data" in entry && entry.data !== undefined ? Buffer.from(entry.data) : Buffer.alloc(0);
    const links = (entry.mode & DIRECTORY) !== 0 ? 2 : 1;
    const name = Buffer.from(`${entry.name}\0`);
    const fields = [index + 1, entry.mode, 0, 0, links, epoch, data.length, 0, 0, 0, 0, name.length, 0];
    const header = `070701${fields.map((field) => field.toString(16).toUpperCase().padStart(8, "0")).join("")}`;
    parts.push(padded(Buffer.concat([Buffer.from(header), name])), padded(data));
  }
  return Buffer.concat(parts);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
