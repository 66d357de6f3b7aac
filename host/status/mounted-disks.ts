/** The file systems whose free space matters. Decides only. */

/** A file system on a block device. */
export interface MountedDisk {
  readonly path: string;
  readonly device: string;
}

/**
 * The file systems on block devices that can be written, each once at the first place where it is mounted whole or in
 * part. What cannot be written is always full, and that is right.
 *
 * @param mountInfo  /proc/self/mountinfo
 * @source  proc_pid_mountinfo(5)
 */
export function mountedDisks(mountInfo: string): readonly MountedDisk[] {
  const found = new Map<string, MountedDisk>();
  for (const line of mountInfo.split("\n")) {
    const [before = "", after = ""] = line.split(" - ", 2);
    const [, , number = "", , path = "", options = ""] = before.split(" ");
    const [, device = "", superOptions = ""] = after.split(" ");
    const isWritable = [options, superOptions].every((list) => list.split(",").includes("rw"));
    if (!device.startsWith("/dev/") || !isWritable || found.has(number)) continue;
    found.set(number, { path: unescaped(path), device: unescaped(device) });
  }
  return [...found.values()];
}

/** Spaces and such stand in the file as octal numbers. */
const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
