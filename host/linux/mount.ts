/** Mounting file systems, through the system's `mount`. */
import { endText, run } from "./process.ts";

/** How a file system is mounted that is only looked into. */
const LOOK_ONLY = "ro,nosuid,nodev,noexec,noatime";
/** FAT keeps no owners and modes: everything is root's alone (specification "os-image" 1.4). */
const ROOT_ONLY = "umask=0077";

/**
 * Mounts a FAT file system for looking into it: read-only, for root alone, nothing in it can be executed, and the
 * mount is seen by no other mount namespace.
 *
 * @param program  path of `mount`
 * @throws Error with what `mount` said, also when something is mounted there already
 */
export async function mountFatReadOnly(
  device: string,
  directory: string,
  program = "/usr/bin/mount",
): Promise<void> {
  const command = [
    program,
    "-t",
    "vfat",
    "-o",
    `${LOOK_ONLY},${ROOT_ONLY}`,
    "--make-private",
    device,
    directory,
  ];
  const result = await run(command);
  if (result.exitCode === 0) return;
  throw new Error(`${device} was not mounted on ${directory}: ${result.stderr.trim() || endText(result)}`);
}
