/** Puts partition contents and the partition table into a raw, sparse disk image. */
import { open, rm, stat, truncate, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { encodePartitionTable, newPartitionTable, protectiveSector } from "../host/update/index.ts";
import type { Sdk } from "../sdk/index.ts";
import { fail } from "./failures.ts";
import { guidFor, type Release } from "./identity.ts";
import type { PlannedDisk } from "./layout.ts";

const SECTOR_BYTES = 512;
const MIB_BYTES = 1024 * 1024;

/**
 * Writes a disk image.
 *
 * @param contents  partition name → file with its content; others stay zero
 * @throws image/too-big for content larger than its partition, before anything is written
 */
export async function writeDisk(
  sdk: Sdk,
  image: string,
  disk: PlannedDisk,
  contents: ReadonlyMap<string, string>,
  release: Release,
  purpose: string,
): Promise<void> {
  for (const partition of disk.partitions) {
    const content = contents.get(partition.name);
    if (content === undefined) continue;
    const neededKiB = Math.ceil((await stat(content)).size / 1024);
    const holdsKiB = partition.sizeMiB * 1024;
    if (neededKiB > holdsKiB) {
      throw fail("image/too-big", { what: content, neededKiB, label: partition.name, holdsKiB });
    }
  }
  await rm(image, { force: true });
  await writeFile(image, "");
  await truncate(image, disk.sizeMiB * MIB_BYTES);
  for (const partition of disk.partitions) {
    const content = contents.get(partition.name);
    if (content === undefined) continue;
    const place = ["bs=1M", `seek=${partition.startMiB}`, "conv=sparse,notrunc", "status=none"];
    await sdk.run(["dd", `if=${content}`, `of=${image}`, ...place], {
      writable: [dirname(image)],
      readable: [content],
    });
  }
  await writeTable(image, disk, release, purpose);
}

async function writeTable(
  image: string,
  disk: PlannedDisk,
  release: Release,
  purpose: string,
): Promise<void> {
  const size = { sectorBytes: SECTOR_BYTES, sectors: firstLba(disk.sizeMiB) };
  const partitions = disk.partitions.map((partition) => ({
    number: partition.number,
    type: partition.type,
    guid: guidFor(release, `${purpose} ${partition.name}`),
    firstLba: firstLba(partition.startMiB),
    lastLba: firstLba(partition.startMiB + partition.sizeMiB) - 1n,
    attributes: partition.attributes,
    name: partition.name,
  }));
  // From the first MiB on, as os-image.md 1.1 reserves it: nothing that adds a partition later begins before it.
  const table = newPartitionTable(size, guidFor(release, `${purpose} disk`), partitions, firstLba(1));
  const file = await open(image, "r+");
  try {
    for (const { offset, bytes } of [protectiveSector(size), ...encodePartitionTable(size, table)]) {
      await file.write(bytes, 0, bytes.length, Number(offset));
    }
  } finally {
    await file.close();
  }
}

/** The sector at which this MiB begins. */
function firstLba(mib: number): bigint {
  return BigInt(mib) * BigInt(MIB_BYTES / SECTOR_BYTES);
}
