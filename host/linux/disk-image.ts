/** A disk by its path, which may also be the path of a disk image. */
import { closeSync, fstatSync, openSync, readSync, realpathSync } from "node:fs";
import { basename } from "node:path";
import { openDisk } from "./disk.ts";

/** What a disk and an image have in common: bytes that can be read. */
export interface OpenDiskOrImage {
  readonly sectorBytes: number;
  readonly sectors: bigint;
  /** @returns undefined when the device fails */
  read(offset: bigint, bytes: number): Uint8Array | undefined;
  close(): void;
}

/**
 * Opens a disk, or a regular file as the image of a disk with sectors of 512 bytes.
 *
 * @throws Error when there is no such disk or file
 */
export async function openDiskOrImage(path: string): Promise<OpenDiskOrImage> {
  const file = openSync(path, "r");
  const status = fstatSync(file);
  if (!status.isFile()) {
    closeSync(file);
    return openDisk("/", basename(realpathSync(path)), "read");
  }
  return {
    sectorBytes: 512,
    sectors: BigInt(Math.floor(status.size / 512)),
    read(offset, bytes) {
      const content = new Uint8Array(bytes);
      return readSync(file, content, 0, bytes, offset) === bytes ? content : undefined;
    },
    close: () => closeSync(file),
  };
}
