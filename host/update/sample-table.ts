/** For tests: a disk in memory with the partitions of a real image. */
import { newPartitionTable } from "./new-partition-table.ts";
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

type SamplePartition = Partial<Partition> & Pick<Partition, "number" | "type">;

/** A table with these partitions; what a test does not care about is made up from their numbers. */
export function sampleTable(disk: ReadableDisk, partitions: readonly SamplePartition[]): PartitionTable {
  const whole = partitions.map(
    (partition): Partition => ({
      guid: `10000000-0000-4000-8000-${String(partition.number).padStart(12, "0")}`,
      firstLba: BigInt(100 + partition.number),
      lastLba: BigInt(100 + partition.number),
      attributes: 0n,
      name: "",
      ...partition,
    }),
  );
  return newPartitionTable(disk, "20000000-0000-4000-8000-000000000001", whole, 34n);
}

/** The partitions of two sets, numbered as in an image, with these attributes of the boot partitions. */
export function sampleSets(a: bigint, b: bigint): readonly SamplePartition[] {
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
