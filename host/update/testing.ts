/** For tests: a host with two sets, as files below a temporary root. */
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { splitDeviceNumber } from "../linux/disk.ts";
import { partitionsOf, readPartitionTable } from "./partition-table.ts";
import { attributesOf, diskOf, memoryDisk, sampleSets, sampleTable, writeTable } from "./sample-table.ts";

const SECTORS = 4096;
// Minor 256 and above sits in the upper half of the packed number: here 253:300.
export const ROOT_DEVICE = (253n << 8n) | 44n | (256n << 12n);

/** A host whose verified root stands on these partitions of /dev/nvme0n1; flags are priority/tries left/successful. */
export async function makeHost(
  root: string,
  a: string,
  b: string,
  under: readonly number[] = [4, 5],
  device = ROOT_DEVICE,
): Promise<void> {
  const disk = memoryDisk(SECTORS);
  writeTable(disk, sampleTable(disk, sampleSets(attributesOf(a), attributesOf(b))));
  const files: [string, string | Uint8Array][] = [
    ["dev/nvme0n1", disk.content],
    ["sys/devices/nvme0n1/size", `${SECTORS}\n`],
    ["sys/devices/nvme0n1/queue/logical_block_size", "512\n"],
    ...Array.from({ length: 13 }, (_, i): [string, string] => [
      `sys/devices/nvme0n1/nvme0n1p${i + 1}/partition`,
      `${i + 1}\n`,
    ]),
  ];
  for (const [path, content] of files) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  await rm(join(root, "sys/class/block"), { recursive: true, force: true });
  await mkdir(join(root, "sys/class/block"), { recursive: true });
  await symlink("../../devices/nvme0n1", join(root, "sys/class/block/nvme0n1"));
  for (let n = 1; n <= 13; n++) {
    await symlink(`../../devices/nvme0n1/nvme0n1p${n}`, join(root, `sys/class/block/nvme0n1p${n}`));
  }
  await startFrom(root, under, device);
}

/** What a restart into the other set changes: the partitions under the root. */
export async function startFrom(root: string, under: readonly number[], device = ROOT_DEVICE): Promise<void> {
  const { major, minor } = splitDeviceNumber(device);
  const slaves = join(root, `sys/dev/block/${major}:${minor}/slaves`);
  await rm(slaves, { recursive: true, force: true });
  await mkdir(slaves, { recursive: true });
  for (const n of under) await writeFile(join(slaves, `nvme0n1p${n}`), "");
}

export const diskBytes = (root: string) => readFile(join(root, "dev/nvme0n1"));

/** Attributes of both boot partitions. @throws Error unless both copies of the table are good */
export async function bootAttributes(root: string): Promise<readonly (bigint | undefined)[]> {
  const reading = readPartitionTable(diskOf(await diskBytes(root)));
  if (reading.primary !== "good" || reading.backup !== "good") {
    throw new Error(`the table's copies are ${reading.primary} and ${reading.backup}`);
  }
  const partitions = reading.table ? partitionsOf(reading.table) : [];
  return [3, 8].map((number) => partitions.find((partition) => partition.number === number)?.attributes);
}
