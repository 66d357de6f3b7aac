/** A disk that somebody brings (`--disk`): the machine uses it as it is, writes into it, and nothing is put on it before. */
import { realpath, stat } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { fail } from "./failures.ts";

const IMAGES = join(import.meta.dirname, "../build/images");
const ANY_WRITE = 0o222;

/** Options that say something about a disk of the machine's own, as they were given. */
export interface OwnDiskOptions {
  readonly userData?: string;
  readonly net?: string;
  readonly fresh?: boolean;
}

/** @throws lab/disk-as-it-is naming the options that a given disk has no use for */
export function refuseOwnDiskOptions(disk: string, given: OwnDiskOptions): void {
  const options = [
    ...(given.userData === undefined ? [] : ["--user-data"]),
    ...(given.net === undefined ? [] : ["--net"]),
    ...(given.fresh === true ? ["--fresh"] : []),
  ];
  if (options.length > 0) throw fail("lab/disk-as-it-is", { disk, options });
}

/**
 * Makes sure that a machine may write into the disk. The mode is asked itself: root could open the file anyway, and
 * would change the image that the next machines and updates are made from.
 *
 * @param images  where builds leave their images
 * @throws lab/no-disk-file, lab/disk-is-not-to-be-changed
 */
export async function requireWritableDisk(disk: string, images = IMAGES): Promise<void> {
  const found = await stat(disk).catch(() => undefined);
  if (found === undefined) throw fail("lab/no-disk-file", { file: disk });
  const isOutput = (await realpath(disk)).startsWith(resolve(images) + sep);
  if (isOutput || (found.mode & ANY_WRITE) === 0) throw fail("lab/disk-is-not-to-be-changed", { file: disk });
}
