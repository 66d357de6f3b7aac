/** The table of a new disk, entry by entry, and the sector that keeps tools which know no GPT away. Decides only. */
import { guidBytes } from "./guid.ts";
import type { DiskWrite, Partition, PartitionTable, ReadableDisk } from "./partition-table.ts";

const ENTRIES = 128;
const ENTRY_BYTES = 128;
const NAME_UNITS = 36; // UTF-16

/** The size of a disk. */
export type DiskSize = Pick<ReadableDisk, "sectorBytes" | "sectors">;

/**
 * A table that holds these partitions, each in the entry of its number, with its backup at the end of the disk.
 *
 * @param firstUsableLba  where partitions may begin
 * @throws RangeError for a number that no entry has, a name that does not fit, or a text that is no GUID
 * @source UEFI specification 5.3
 */
export function newPartitionTable(
  disk: DiskSize,
  diskGuid: string,
  partitions: readonly Partition[],
  firstUsableLba: bigint,
): PartitionTable {
  const entries = new Uint8Array(ENTRIES * ENTRY_BYTES);
  for (const each of partitions) entries.set(encodeEntry(each), (each.number - 1) * ENTRY_BYTES);
  const entrySectors = BigInt(Math.ceil(entries.length / disk.sectorBytes));
  return {
    diskGuid,
    firstUsableLba,
    lastUsableLba: disk.sectors - entrySectors - 2n,
    backupHeaderLba: disk.sectors - 1n,
    entryCount: ENTRIES,
    entryBytes: ENTRY_BYTES,
    entries,
  };
}

function encodeEntry(partition: Partition): Uint8Array {
  const { number, name } = partition;
  if (!Number.isInteger(number) || number < 1 || number > ENTRIES) {
    throw new RangeError(`A partition table has entries 1 to ${ENTRIES}, no number ${number}`);
  }
  if (name.length > NAME_UNITS) {
    throw new RangeError(
      `The partition name ${JSON.stringify(name)} is longer than ${NAME_UNITS} characters`,
    );
  }
  const entry = new Uint8Array(ENTRY_BYTES);
  const view = new DataView(entry.buffer);
  entry.set(guidBytes(partition.type), 0);
  entry.set(guidBytes(partition.guid), 16);
  view.setBigUint64(32, partition.firstLba, true);
  view.setBigUint64(40, partition.lastLba, true);
  view.setBigUint64(48, partition.attributes, true);
  for (let unit = 0; unit < name.length; unit++) view.setUint16(56 + 2 * unit, name.charCodeAt(unit), true);
  return entry;
}

/** The first sector of a disk with a GPT: one old-style partition of type EE over everything. @source UEFI 5.2.3 */
export function protectiveSector(disk: DiskSize): DiskWrite {
  const bytes = new Uint8Array(disk.sectorBytes);
  const view = new DataView(bytes.buffer);
  const most = 0xffff_ffffn;
  const covered = disk.sectors - 1n;
  bytes.set([0x00, 0x00, 0x02, 0x00, 0xee, 0xff, 0xff, 0xff], 446);
  view.setUint32(454, 1, true);
  view.setUint32(458, Number(covered < most ? covered : most), true);
  bytes.set([0x55, 0xaa], 510);
  return { offset: 0n, bytes };
}
