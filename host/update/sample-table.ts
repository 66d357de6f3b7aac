/** For tests: a disk in memory with the partitions of a real image. */
import { guidBytes } from "./guid.ts";
import {
  encodePartitionTable,
  type Partition,
  type PartitionTable,
  type ReadableDisk,
} from "./partition-table.ts";
import { partitionTypes } from "./partition-types.ts";

export interface MemoryDisk extends ReadableDisk {
  readonly content: Uint8Array;
}

export function memoryDisk(sectors: number, sectorBytes = 512): MemoryDisk {
  return diskOf(new Uint8Array(sectors * sectorBytes), sectorBytes);
}

export function diskOf(content: Uint8Array, sectorBytes = 512): MemoryDisk {
  return {
    content,
    sectorBytes,
    sectors: BigInt(Math.floor(content.length / sectorBytes)),
    read: (offset, bytes) => {
      const start = Number(offset);
      if (offset < 0n || start + bytes > content.length)
        throw new Error(`read outside the disk at ${offset}`);
      return new Uint8Array(content.subarray(start, start + bytes));
    },
  };
}

export function writeTable(disk: MemoryDisk, table: PartitionTable): void {
  for (const { offset, bytes } of encodePartitionTable(disk, table)) disk.content.set(bytes, Number(offset));
}

/** Entries of the named partitions, each in the place of its number. */
export function sampleTable(
  disk: ReadableDisk,
  partitions: readonly (Partial<Partition> & { readonly number: number; readonly type: string })[],
): PartitionTable {
  const entries = new Uint8Array(128 * 128);
  const view = new DataView(entries.buffer);
  for (const partition of partitions) {
    const at = (partition.number - 1) * 128;
    const number = String(partition.number).padStart(12, "0");
    entries.set(guidBytes(partition.type), at);
    entries.set(guidBytes(partition.guid ?? `10000000-0000-4000-8000-${number}`), at + 16);
    view.setBigUint64(at + 32, partition.firstLba ?? BigInt(100 + partition.number), true);
    view.setBigUint64(at + 40, partition.lastLba ?? BigInt(100 + partition.number), true);
    view.setBigUint64(at + 48, partition.attributes ?? 0n, true);
    for (const [i, unit] of [...(partition.name ?? "")].entries()) {
      view.setUint16(at + 56 + 2 * i, unit.charCodeAt(0), true);
    }
  }
  return {
    diskGuid: "20000000-0000-4000-8000-000000000001",
    firstUsableLba: 34n,
    lastUsableLba: disk.sectors - 34n,
    backupHeaderLba: disk.sectors - 1n,
    entryCount: 128,
    entryBytes: 128,
    entries,
  };
}

/** The partitions of two sets, numbered as in an image, with these attributes of the boot partitions. */
export function sampleSets(a: bigint, b: bigint): Parameters<typeof sampleTable>[1] {
  const { biosBoot, efiSystem, boot, root, hash, reserved, efiBackup, private: priv, data } = partitionTypes;
  const types = [
    biosBoot,
    efiSystem,
    boot,
    root,
    hash,
    reserved,
    efiBackup,
    boot,
    root,
    hash,
    reserved,
    priv,
    data,
  ];
  return types.map((type, index) => ({
    number: index + 1,
    type,
    name: `PARTITION-${index + 1}`,
    attributes: index === 2 ? a : index === 7 ? b : 0n,
  }));
}

/** Attributes from priority/tries left/successful, with the start counter as an optional fourth number. */
export function attributesOf(text: string): bigint {
  const [priority = 0, tries = 0, successful = 0, starts = 0] = text.split("/").map(Number);
  return BigInt(priority | (tries << 4) | (successful << 8) | (starts << 9)) << 48n;
}
