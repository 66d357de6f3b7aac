/** Where a partition lies in a disk image, by its name. */
import { dirname, resolve } from "node:path";
import type { Sdk } from "../sdk/index.ts";

export interface PartitionPlace {
  /** From 1, as in the table. */
  readonly number: number;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

/**
 * Reads the partition table with sfdisk, which falls back to the backup copy when the primary is damaged.
 *
 * @returns undefined when the table has no partition of this name
 * @throws sdk/command-failed when the file has no partition table
 */
export async function findPartition(
  sdk: Sdk,
  disk: string,
  name: string,
): Promise<PartitionPlace | undefined> {
  const file = resolve(disk);
  const text = await sdk.run(["sfdisk", "--json", file], { readable: [dirname(file)] });
  // The shape of util-linux's own output; sizes and starts count sectors.
  const { partitiontable: table } = JSON.parse(text) as {
    partitiontable: {
      sectorsize: number;
      partitions: { node: string; start: number; size: number; name?: string }[];
    };
  };
  const found = table.partitions.find((partition) => partition.name === name);
  if (found === undefined) return undefined;
  return {
    number: Number(/\d+$/.exec(found.node)?.[0]),
    offsetBytes: found.start * table.sectorsize,
    sizeBytes: found.size * table.sectorsize,
  };
}
