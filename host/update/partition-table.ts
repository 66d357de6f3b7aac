/**
 * The GPT of a disk: both copies read and judged, attributes changed, both copies encoded again.
 *
 * Holds the same rules as the boot selector (boot/selector/partition-table.c); a test compares the two. Nothing in a
 * table is believed before its checksums and sizes were checked. Decides only: the disk is bytes behind `read`.
 *
 * Source: UEFI specification 5.3; specification "os-image" 1.2, "updates" 1.2.
 */
import { crc32 } from "node:zlib";
import { guidBytes, guidText } from "./guid.ts";

/** A disk as bytes. `read` returns undefined when the device fails; it is asked only for bytes inside the disk. */
export interface ReadableDisk {
  readonly sectorBytes: number;
  readonly sectors: bigint;
  read(offset: bigint, bytes: number): Uint8Array | undefined;
}

type CopyState =
  | "good"
  | "unreadable"
  | "no GPT signature"
  | "header damaged"
  | "sizes or places impossible on this disk"
  | "entries damaged"
  | "differs from the primary";

/** A table's content, whichever copy it came from. Every entry keeps its bytes, also those nothing here knows. */
export interface PartitionTable {
  readonly diskGuid: string;
  readonly firstUsableLba: bigint;
  readonly lastUsableLba: bigint;
  /** Where the backup header is, or belongs. */
  readonly backupHeaderLba: bigint;
  readonly entryCount: number;
  readonly entryBytes: number;
  readonly entries: Uint8Array;
}

export interface PartitionTableReading {
  readonly primary: CopyState;
  readonly backup: CopyState;
  /** Content of the primary when it is good, else of the backup; undefined when neither is. */
  readonly table: PartitionTable | undefined;
}

export interface Partition {
  /** From 1, as the kernel counts. */
  readonly number: number;
  readonly type: string;
  readonly guid: string;
  readonly firstLba: bigint;
  readonly lastLba: bigint;
  /** Unsigned, 64 bits; 48–59 hold the boot flags of a boot partition. */
  readonly attributes: bigint;
  readonly name: string;
}

/** Bytes to write, and where. */
export interface DiskWrite {
  readonly offset: bigint;
  readonly bytes: Uint8Array;
}

const SIGNATURE = new TextEncoder().encode("EFI PART");
const REVISION = 0x0001_0000;
const HEADER_BYTES = 92;
const MAX_SECTOR_BYTES = 4096;
const MAX_ENTRY_ARRAY_BYTES = 128 * 1024; // 1024 entries of 128 bytes; tools write 128
const ENTRY_SIZES: readonly number[] = [128, 256, 512];
const PRIMARY_HEADER_LBA = 1n;
const PRIMARY_ENTRIES_LBA = 2n;
const UNUSED = guidText(new Uint8Array(16));

/**
 * Reads both copies of a disk's table.
 *
 * @throws never: whatever the disk carries is told by the two states
 */
export function readPartitionTable(disk: ReadableDisk): PartitionTableReading {
  if (disk.sectorBytes < 512 || disk.sectorBytes > MAX_SECTOR_BYTES || disk.sectors < 4n) {
    return { primary: "unreadable", backup: "unreadable", table: undefined };
  }
  const primary = readCopy(disk, PRIMARY_HEADER_LBA);
  // On a disk that has grown the backup is still where it was; the primary knows where. Without the primary only the
  // end of the disk can be tried.
  const stated = primary.state === "good" ? primary.otherHeaderLba : 0n;
  const last = primary.state === "good" ? primary.table.lastUsableLba : 0n;
  const backupHeaderLba = stated > last && stated < disk.sectors ? stated : disk.sectors - 1n;

  const backup = readCopy(disk, backupHeaderLba);
  if (primary.state === "good") {
    const differs = backup.state === "good" && !sameContent(primary.table, backup.table);
    return {
      primary: "good",
      backup: differs ? "differs from the primary" : backup.state,
      table: { ...primary.table, backupHeaderLba },
    };
  }
  const table = backup.state === "good" ? { ...backup.table, backupHeaderLba } : undefined;
  return { primary: primary.state, backup: backup.state, table };
}

/**
 * What must be written so that both copies hold this content, in order. A copy that is damaged goes first, because the
 * other is then the only one there is; of two good ones the backup does. So a power cut in between leaves one whole, if
 * each write is on the medium before the next copy is begun.
 *
 * @param primary  the state of the primary on the disk
 * @throws RangeError when a copy has no place on this disk; then nothing should be written
 */
export function encodePartitionTable(
  disk: Omit<ReadableDisk, "read">,
  table: PartitionTable,
  primary: PartitionTableReading["primary"] = "good",
): readonly DiskWrite[] {
  const entriesLba = table.backupHeaderLba - arraySectors(disk, table);
  const backupCopy = encodeCopy(disk, table, table.backupHeaderLba, PRIMARY_HEADER_LBA, entriesLba);
  const primaryCopy = encodeCopy(disk, table, PRIMARY_HEADER_LBA, table.backupHeaderLba, PRIMARY_ENTRIES_LBA);
  return primary === "good" ? [...backupCopy, ...primaryCopy] : [...primaryCopy, ...backupCopy];
}

/** The partitions of a table in its order, without the unused entries. */
export function partitionsOf(table: PartitionTable): readonly Partition[] {
  const partitions: Partition[] = [];
  for (let index = 0; index < table.entryCount; index++) {
    const entry = table.entries.subarray(index * table.entryBytes, (index + 1) * table.entryBytes);
    const type = guidText(entry);
    if (type === UNUSED) continue;
    const view = viewOf(entry);
    partitions.push({
      number: index + 1,
      type,
      guid: guidText(entry.subarray(16)),
      firstLba: view.getBigUint64(32, true),
      lastLba: view.getBigUint64(40, true),
      attributes: view.getBigUint64(48, true),
      name: new TextDecoder("utf-16le").decode(entry.subarray(56, 128)).replace(/\0.*$/s, ""),
    });
  }
  return partitions;
}

/** The same table with other attributes in one entry; everything else keeps its bytes. */
export function withAttributes(table: PartitionTable, number: number, attributes: bigint): PartitionTable {
  if (!Number.isInteger(number) || number < 1 || number > table.entryCount) {
    throw new RangeError(`The partition table has ${table.entryCount} entries, no number ${number}`);
  }
  const entries = new Uint8Array(table.entries); // not slice(): a Buffer's does not copy
  viewOf(entries).setBigUint64((number - 1) * table.entryBytes + 48, attributes, true);
  return { ...table, entries };
}

export function sameContent(a: PartitionTable, b: PartitionTable): boolean {
  return (
    a.entryCount === b.entryCount &&
    a.entryBytes === b.entryBytes &&
    a.firstUsableLba === b.firstUsableLba &&
    a.lastUsableLba === b.lastUsableLba &&
    a.diskGuid === b.diskGuid &&
    sameBytes(a.entries, b.entries)
  );
}

type Copy =
  | { readonly state: "good"; readonly table: PartitionTable; readonly otherHeaderLba: bigint }
  | { readonly state: Exclude<CopyState, "good"> };

function readCopy(disk: ReadableDisk, headerLba: bigint): Copy {
  const header = disk.read(headerLba * BigInt(disk.sectorBytes), disk.sectorBytes);
  if (header === undefined) return { state: "unreadable" };
  if (!sameBytes(header.subarray(0, 8), SIGNATURE)) return { state: "no GPT signature" };
  const view = viewOf(header);
  const headerBytes = view.getUint32(12, true);
  if (headerBytes < HEADER_BYTES || headerBytes > disk.sectorBytes) return { state: "header damaged" };
  if (headerChecksum(header.subarray(0, headerBytes)) !== view.getUint32(16, true)) {
    return { state: "header damaged" };
  }
  if (view.getUint32(8, true) !== REVISION || view.getBigUint64(24, true) !== headerLba) {
    return { state: "header damaged" };
  }
  const shape = {
    diskGuid: guidText(header.subarray(56)),
    firstUsableLba: view.getBigUint64(40, true),
    lastUsableLba: view.getBigUint64(48, true),
    backupHeaderLba: 0n,
    entryCount: view.getUint32(80, true),
    entryBytes: view.getUint32(84, true),
    entries: new Uint8Array(),
  };
  const entriesLba = view.getBigUint64(72, true);
  if (!isPossible(disk, shape, headerLba) || !entriesInPlace(disk, shape, headerLba, entriesLba)) {
    return { state: "sizes or places impossible on this disk" };
  }
  const entries = disk.read(entriesLba * BigInt(disk.sectorBytes), shape.entryCount * shape.entryBytes);
  if (entries === undefined) return { state: "unreadable" };
  if (crc32(entries) !== view.getUint32(88, true)) return { state: "entries damaged" };
  return { state: "good", table: { ...shape, entries }, otherHeaderLba: view.getBigUint64(32, true) };
}

type Shape = Pick<PartitionTable, "firstUsableLba" | "lastUsableLba" | "entryCount" | "entryBytes">;

function isPossible(disk: ReadableDisk, table: Shape, headerLba: bigint): boolean {
  if (!ENTRY_SIZES.includes(table.entryBytes)) return false;
  if (table.entryCount === 0 || table.entryCount * table.entryBytes > MAX_ENTRY_ARRAY_BYTES) return false;
  if (table.firstUsableLba > table.lastUsableLba || table.lastUsableLba >= disk.sectors) return false;
  return headerLba === PRIMARY_HEADER_LBA || headerLba > table.lastUsableLba;
}

/** Entries lie between their header and the usable space. */
function entriesInPlace(
  disk: Omit<ReadableDisk, "read">,
  table: Shape,
  headerLba: bigint,
  entriesLba: bigint,
): boolean {
  const end = entriesLba + arraySectors(disk, table);
  if (entriesLba < 0n || end > disk.sectors) return false;
  return headerLba === PRIMARY_HEADER_LBA
    ? entriesLba > headerLba && end <= table.firstUsableLba
    : entriesLba > table.lastUsableLba && end <= headerLba;
}

function arraySectors(disk: Omit<ReadableDisk, "read">, table: Shape): bigint {
  return BigInt(Math.ceil((table.entryCount * table.entryBytes) / disk.sectorBytes));
}

function encodeCopy(
  disk: Omit<ReadableDisk, "read">,
  table: PartitionTable,
  headerLba: bigint,
  otherHeaderLba: bigint,
  entriesLba: bigint,
): DiskWrite[] {
  if (!entriesInPlace(disk, table, headerLba, entriesLba) || headerLba >= disk.sectors) {
    throw new RangeError(`The partition table's copy at sector ${headerLba} has no place on this disk`);
  }
  const header = new Uint8Array(disk.sectorBytes);
  const view = viewOf(header);
  header.set(SIGNATURE);
  view.setUint32(8, REVISION, true);
  view.setUint32(12, HEADER_BYTES, true);
  view.setBigUint64(24, headerLba, true);
  view.setBigUint64(32, otherHeaderLba, true);
  view.setBigUint64(40, table.firstUsableLba, true);
  view.setBigUint64(48, table.lastUsableLba, true);
  header.set(guidBytes(table.diskGuid), 56);
  view.setBigUint64(72, entriesLba, true);
  view.setUint32(80, table.entryCount, true);
  view.setUint32(84, table.entryBytes, true);
  view.setUint32(88, crc32(table.entries), true);
  view.setUint32(16, headerChecksum(header.subarray(0, HEADER_BYTES)), true);
  const sector = BigInt(disk.sectorBytes);
  return [
    { offset: entriesLba * sector, bytes: table.entries },
    { offset: headerLba * sector, bytes: header },
  ];
}

/** The checksum counts its own four bytes as zero. */
function headerChecksum(header: Uint8Array): number {
  const copy = new Uint8Array(header); // not slice(): a Buffer's does not copy
  copy.fill(0, 16, 20);
  return crc32(copy);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
