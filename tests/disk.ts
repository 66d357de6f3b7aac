/** Looks at and damages the disks of stopped machines from outside. */
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { findPartition, type PartitionPlace } from "../lab/index.ts";
import type { Sdk } from "../sdk/index.ts";

const SECTOR_BYTES = 512;
/** Header and the 32 sectors of the partition entries; the protective MBR in sector 0 is no part of it. */
const TABLE_SECTORS = 33;
const KERNEL_SIGNATURE_BYTE = 0x202;

export async function partition(sdk: Sdk, disk: string, name: string): Promise<PartitionPlace> {
  const found = await findPartition(sdk, disk, name);
  if (found === undefined) throw new Error(`${disk} has no partition ${name}`);
  return found;
}

/** Attribute bits 48–63 of a partition, as Debian's cgpt reads them. */
export async function flags(sdk: Sdk, disk: string, number: number): Promise<number> {
  const text = await sdk.run(["cgpt", "show", "-i", String(number), "-A", disk], {
    readable: [dirname(disk)],
  });
  return Number(text.trim());
}

export async function setFlags(sdk: Sdk, disk: string, number: number, value: number): Promise<void> {
  const writable = [dirname(disk)];
  // A machine whose power was cut while the selector counted a start has one copy that the other is ahead of. cgpt
  // changes nothing then; the selector mends it at the next start.
  await sdk.run(["cgpt", "repair", disk], { writable });
  await sdk.run(["cgpt", "add", "-i", String(number), "-A", `0x${value.toString(16)}`, disk], { writable });
}

/** Everything cgpt has to say about both copies of the table. */
export async function tableReport(sdk: Sdk, disk: string): Promise<string> {
  // cgpt exits with an error when a copy is damaged; what it printed is what counts.
  const script = 'cgpt show "$1" 2>&1; exit 0';
  return sdk.run(["sh", "-c", script, "sh", disk], { readable: [dirname(disk)] });
}

/** Fills set B with what is in set A, as an update would have left it. */
export async function copySetAToB(sdk: Sdk, disk: string): Promise<void> {
  for (const part of ["BOOT", "ROOT", "HASH"]) {
    const from = await partition(sdk, disk, `BOTTLEROCKET-${part}-A`);
    const to = await partition(sdk, disk, `BOTTLEROCKET-${part}-B`);
    const mib = (bytes: number) => String(bytes / 1024 / 1024);
    const numbers = [
      `skip=${mib(from.offsetBytes)}`,
      `seek=${mib(to.offsetBytes)}`,
      `count=${mib(from.sizeBytes)}`,
    ];
    const command = [
      "dd",
      `if=${disk}`,
      `of=${disk}`,
      "bs=1M",
      ...numbers,
      "conv=notrunc,sparse",
      "status=none",
    ];
    await sdk.run(command, { writable: [dirname(disk)] });
  }
}

/** Inverts one bit of the byte at this offset of the disk. */
export async function flipByte(disk: string, offset: number): Promise<void> {
  const handle = await open(disk, "r+");
  try {
    const byte = Buffer.alloc(1);
    await handle.read(byte, 0, 1, offset);
    byte.writeUInt8(byte.readUInt8(0) ^ 0x01, 0);
    await handle.write(byte, 0, 1, offset);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Zeroes one copy of the partition table, header and entries. */
export async function wipeTable(disk: string, copy: "primary" | "backup"): Promise<void> {
  const handle = await open(disk, "r+");
  try {
    const { size } = await handle.stat();
    const zeros = Buffer.alloc(TABLE_SECTORS * SECTOR_BYTES);
    await handle.write(zeros, 0, zeros.length, copy === "primary" ? SECTOR_BYTES : size - zeros.length);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Zeroes the beginning of the kernel in a boot partition: whoever looks at it finds no program. */
export async function damageKernel(disk: string, boot: PartitionPlace): Promise<void> {
  const handle = await open(disk, "r+");
  try {
    const content = Buffer.alloc(boot.sizeBytes);
    await handle.read(content, 0, content.length, boot.offsetBytes);
    // What the boot protocol of Linux on x86 puts there, in the first block of the file.
    const signature = content.indexOf("HdrS", 0, "latin1") - KERNEL_SIGNATURE_BYTE;
    if (signature < 0 || signature % 1024 !== 0)
      throw new Error(`${disk} has no kernel where one was looked for`);
    await handle.write(Buffer.alloc(1024), 0, 1024, boot.offsetBytes + signature);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
