/** Block devices: their numbers, their place in sysfs, reading and writing them. */
import { closeSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Splits a device number as the C library packs it: 12 bits of major and 8 of minor in the low half, the rest of each
 * above. (Taking only the lowest 8 bits as minor goes wrong from the 257th device on.)
 */
export function splitDeviceNumber(device: bigint): { readonly major: bigint; readonly minor: bigint } {
  return {
    major: ((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xffff_f000n),
    minor: (device & 0xffn) | ((device >> 12n) & 0xffff_ff00n),
  };
}

/** A partition as sysfs knows it. */
export interface DiskPartition {
  /** Kernel name of the disk, such as `vda`. */
  readonly disk: string;
  /** From 1. */
  readonly number: number;
}

/**
 * The partitions that a device-mapper device stands on.
 *
 * @param root    "/", or a tree with the same sysfs files
 * @param device  number of the mapped device, of `/` unless a test says otherwise
 * @throws Error when the device stands on nothing, or on something that is no partition
 */
export async function partitionsUnder(root: string, device?: bigint): Promise<readonly DiskPartition[]> {
  const number = device ?? (await stat(root, { bigint: true })).dev;
  const { major, minor } = splitDeviceNumber(number);
  const slaves = join(root, `sys/dev/block/${major}:${minor}/slaves`);
  const names = await readdir(slaves).catch((cause: unknown) => {
    throw new Error(`The root file system is on device ${major}:${minor}, which is no mapped device`, {
      cause,
    });
  });
  if (names.length === 0) throw new Error(`The root device ${major}:${minor} stands on no other device`);
  return await Promise.all(names.sort().map((name) => diskPartition(root, name)));
}

async function diskPartition(root: string, name: string): Promise<DiskPartition> {
  const number = await readNumber(join(root, "sys/class/block", name, "partition"));
  if (number === undefined) throw new Error(`The root stands on ${name}, which is not a partition`);
  // In sysfs a partition's directory lies inside its disk's.
  const disk = basename(dirname(await realpath(join(root, "sys/class/block", name))));
  return { disk, number: Number(number) };
}

/** Kernel names of a disk's partitions by their number. */
export async function partitionNames(root: string, disk: string): Promise<ReadonlyMap<number, string>> {
  const directory = join(root, "sys/class/block", disk);
  const names = new Map<number, string>();
  for (const entry of await readdir(directory)) {
    const number = await readNumber(join(directory, entry, "partition"));
    if (number !== undefined) names.set(Number(number), entry);
  }
  return names;
}

/** An open block device. Offsets and lengths in bytes; everything blocks. */
export interface BlockDevice {
  readonly path: string;
  readonly sectorBytes: number;
  readonly sectors: bigint;
  /** @returns undefined when the device fails */
  read(offset: bigint, bytes: number): Uint8Array | undefined;
  /** @throws Error when not all could be written */
  write(offset: bigint, bytes: Uint8Array): void;
  /** Waits until everything written is on the medium. */
  flush(): void;
  close(): void;
}

/**
 * Opens a disk by its kernel name.
 *
 * @throws Error when it is not there, or sysfs does not tell its size
 */
export async function openDisk(root: string, name: string, access: "read" | "write"): Promise<BlockDevice> {
  const directory = join(root, "sys/class/block", name);
  const sectors512 = await readNumber(join(directory, "size"));
  const sectorBytes = Number((await readNumber(join(directory, "queue/logical_block_size"))) ?? 512n);
  if (sectors512 === undefined) throw new Error(`There is no disk ${name}`);
  const path = join(root, "dev", name);
  const file = openSync(path, access === "write" ? "r+" : "r");
  return {
    path,
    sectorBytes,
    // sysfs counts in units of 512 bytes whatever the disk's sectors are.
    sectors: (sectors512 * 512n) / BigInt(sectorBytes),
    read: (offset, bytes) => readWhole(file, offset, bytes),
    write: (offset, bytes) => writeWhole(file, path, offset, bytes),
    flush: () => fsyncSync(file),
    close: () => closeSync(file),
  };
}

function readWhole(file: number, offset: bigint, bytes: number): Uint8Array | undefined {
  const content = new Uint8Array(bytes);
  for (let done = 0; done < bytes; ) {
    try {
      const count = readSync(file, content, done, bytes - done, offset + BigInt(done));
      if (count === 0) return undefined;
      done += count;
    } catch (error) {
      if (isDeviceFailure(error)) return undefined;
      throw error;
    }
  }
  return content;
}

/** A sector that cannot be read is an answer here: the other copy of the table may be good. */
function isDeviceFailure(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "EIO" || error.code === "ENXIO");
}

function writeWhole(file: number, path: string, offset: bigint, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    const count = writeSync(file, bytes, done, bytes.length - done, Number(offset) + done);
    if (count === 0) throw new Error(`${path}: nothing more could be written at byte ${offset}`);
    done += count;
  }
}

async function readNumber(path: string): Promise<bigint | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined); // absent: it is not such a device
  const digits = text === undefined ? undefined : /^\s*(\d+)\s*$/.exec(text)?.[1];
  return digits === undefined ? undefined : BigInt(digits);
}
