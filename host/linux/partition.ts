/**
 * A partition that is written whole while nothing else uses it, and read back from the medium.
 *
 * Never makes a file: a device that is missing must not become one in /dev.
 */
import { constants } from "node:fs";
import { type FileHandle, open, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "./files.ts";

/** Reads past the page cache start, end and are stored at multiples of this: the largest block that disks have. */
export const DIRECT_BYTES = 4096;

/** Offsets and lengths in bytes. */
export interface Partition {
  /** As people know it, such as `/dev/vda9`. */
  readonly path: string;
  readonly bytes: number;
  /** @throws Error when not all could be written */
  write(at: number, piece: Uint8Array): Promise<void>;
  /** Returns once everything written is on the medium. */
  flush(): Promise<void>;
  /**
   * Reads what is on the medium, not what is still in memory, where the file system or device can do that.
   *
   * @param at    a multiple of DIRECT_BYTES
   * @param into  from `directBuffer`
   * @returns how many bytes were read: fewer than there is room for at the partition's end only
   */
  readBack(at: number, into: Uint8Array): Promise<number>;
  /** A buffer that `readBack` can fill. @param bytes  a multiple of DIRECT_BYTES */
  directBuffer(bytes: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Opens a partition for itself alone.
 *
 * @param root  "/", or a tree with the same files
 * @param name  the kernel's, such as `vda9`
 * @param kind  what the device is: a plain file in tests only
 * @throws Error that says why it cannot be written: it is not there, no device, or in use
 */
export async function openPartition(
  root: string,
  name: string,
  kind: "device" | "plain file",
): Promise<Partition> {
  const place = join(root, "dev", name);
  const path = `/dev/${name}`;
  const about = await stat(place).catch((cause: unknown) => {
    throw new Error(errorCode(cause) === "ENOENT" ? `there is no ${path}` : String(cause), { cause });
  });
  const fits = kind === "device" ? about.isBlockDevice() : about.isFile();
  if (!fits) throw new Error(`${path} is no ${kind === "device" ? "block device" : kind}`);
  const sectors = Number(await readFile(join(root, "sys/class/block", name, "size"), "utf8"));
  const writing = await openExclusively(place, path);
  try {
    const reading = await openDirectly(place);
    return {
      path,
      bytes: sectors * 512, // sysfs counts in units of 512 bytes whatever the disk's sectors are
      write: (at, piece) => writeWhole(writing, at, piece),
      flush: () => writing.datasync(),
      readBack: (at, into) => readWhole(reading, at, into),
      directBuffer: (bytes) => directBuffer(reading, bytes),
      close: async () => {
        await reading.close();
        await writing.close();
      },
    };
  } catch (error) {
    await writing.close();
    throw error;
  }
}

/** Of a device, O_EXCL means: not while it is mounted, mapped, or open in this way by another process (open(2)). */
async function openExclusively(place: string, path: string): Promise<FileHandle> {
  try {
    return await open(place, constants.O_WRONLY | constants.O_EXCL);
  } catch (cause) {
    if (errorCode(cause) !== "EBUSY") throw cause;
    throw new Error(`${path} is in use: it is mounted, or another update writes to it`, { cause });
  }
}

async function openDirectly(place: string): Promise<FileHandle> {
  try {
    return await open(place, constants.O_RDONLY | constants.O_DIRECT);
  } catch (error) {
    // The file systems of tests that live in memory have no medium to read from.
    if (errorCode(error) !== "EINVAL") throw error;
    return await open(place, constants.O_RDONLY);
  }
}

async function writeWhole(file: FileHandle, at: number, piece: Uint8Array): Promise<void> {
  for (let done = 0; done < piece.length; ) {
    const { bytesWritten } = await file.write(piece, done, piece.length - done, at + done);
    if (bytesWritten === 0) throw new Error(`nothing more could be written at byte ${at + done}`);
    done += bytesWritten;
  }
}

async function readWhole(file: FileHandle, at: number, into: Uint8Array): Promise<number> {
  let done = 0;
  while (done < into.length) {
    const { bytesRead } = await file.read(into, done, into.length - done, at + done);
    done += bytesRead;
    // What is cut short within a block is the end; to ask on from there would not be aligned.
    if (bytesRead === 0 || bytesRead % DIRECT_BYTES !== 0) break;
  }
  return done;
}

/**
 * The runtime cannot be told where in memory a buffer shall be, but the kernel says whether the place will do. What is
 * this large stays where it is.
 */
async function directBuffer(file: FileHandle, bytes: number): Promise<Uint8Array> {
  const room = new Uint8Array(bytes + DIRECT_BYTES);
  for (let start = 0; start < DIRECT_BYTES; start += 16) {
    const buffer = room.subarray(start, start + bytes);
    try {
      await file.read(buffer, 0, DIRECT_BYTES, 0);
      return buffer;
    } catch (error) {
      if (errorCode(error) !== "EINVAL") throw error;
    }
  }
  throw new Error("No place in memory suits reading past the page cache");
}
