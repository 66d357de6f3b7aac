/** What an ELF file needs to run: its interpreter and libraries. Reads 64-bit little-endian files only. */

export interface ElfNeeds {
  /** Path of the loader, as the file names it; absent in libraries and static executables. */
  readonly interpreter: string | undefined;
  /** Names of libraries, in the file's order. */
  readonly libraries: readonly string[];
  /** Directories to look in first (RPATH or RUNPATH), as written. */
  readonly searchPath: readonly string[];
}

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NEEDED = 1n;
const DT_STRTAB = 5n;
const DT_RPATH = 15n;
const DT_RUNPATH = 29n;

/**
 * Reads the needs of an ELF file.
 *
 * @param bytes  the whole file
 * @returns undefined when it is no 64-bit little-endian ELF file
 * @throws RangeError when its tables point outside the file
 */
export function readElfNeeds(bytes: Uint8Array): ElfNeeds | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < 64 || file.readUInt32BE(0) !== 0x7f454c46 || file[4] !== 2 || file[5] !== 1)
    return undefined;
  const segments = readSegments(file);
  const interp = segments.find((segment) => segment.type === PT_INTERP);
  const dynamic = segments.find((segment) => segment.type === PT_DYNAMIC);
  const interpreter = interp === undefined ? undefined : textAt(file, interp.offset);
  if (dynamic === undefined) return { interpreter, libraries: [], searchPath: [] };

  const entries: { tag: bigint; value: bigint }[] = [];
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.size; at += 16) {
    const tag = file.readBigUInt64LE(at);
    if (tag === 0n) break;
    entries.push({ tag, value: file.readBigUInt64LE(at + 8) });
  }
  const tableAddress = entries.find((entry) => entry.tag === DT_STRTAB)?.value;
  const loaded = segments.find(
    (segment) =>
      segment.type === PT_LOAD &&
      tableAddress !== undefined &&
      tableAddress >= segment.address &&
      tableAddress < segment.address + BigInt(segment.size),
  );
  if (tableAddress === undefined || loaded === undefined)
    return { interpreter, libraries: [], searchPath: [] };
  const table = loaded.offset + Number(tableAddress - loaded.address);
  const texts = (wanted: bigint) =>
    entries.filter((entry) => entry.tag === wanted).map((entry) => textAt(file, table + Number(entry.value)));
  return {
    interpreter,
    libraries: texts(DT_NEEDED),
    searchPath: [...texts(DT_RPATH), ...texts(DT_RUNPATH)].flatMap((path) => path.split(":")),
  };
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: bigint;
  readonly size: number;
}

function readSegments(file: Buffer): readonly Segment[] {
  const table = Number(file.readBigUInt64LE(32));
  const entrySize = file.readUInt16LE(54);
  const count = file.readUInt16LE(56);
  return Array.from({ length: count }, (_, index) => {
    const at = table + index * entrySize;
    return {
      type: file.readUInt32LE(at),
      offset: Number(file.readBigUInt64LE(at + 8)),
      address: file.readBigUInt64LE(at + 16),
      size: Number(file.readBigUInt64LE(at + 32)),
    };
  });
}

function textAt(file: Buffer, at: number): string {
  const end = file.indexOf(0, at);
  if (end === -1) throw new RangeError(`text at ${at} has no end`);
  return file.toString("utf8", at, end);
}
