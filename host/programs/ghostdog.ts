/** ghostdog: whether a disk belongs to the system (specification "os-image" 5.1, "platform" 10). */
import { scanArguments } from "../api/index.ts";
import { openDiskOrImage } from "../linux/disk-image.ts";
import { failureText } from "../linux/failure.ts";
import { diskUse, readPartitionTable } from "../update/index.ts";

const USAGE = `Tells whether a disk belongs to the system or may be used as ephemeral storage.

Usage: ghostdog scan DEVICE

  scan DEVICE    print BOTTLEROCKET_DEVICE_TYPE=system or BOTTLEROCKET_DEVICE_TYPE=ephemeral
  --help         this text
`;

/** @returns 0; 1 for a wrong command line, a device that cannot be opened, and one that cannot be read */
export async function main(args: readonly string[]): Promise<number> {
  const scanned = scanArguments(args, [{ names: ["--help", "-h"], takesValue: false }]);
  if (!("problem" in scanned) && scanned.options.has("--help")) {
    process.stdout.write(USAGE);
    return 0;
  }
  const [command, device, ...more] = "problem" in scanned ? [] : scanned.words;
  if (command !== "scan" || device === undefined || more.length > 0) {
    process.stderr.write(
      `ghostdog: ${"problem" in scanned ? scanned.problem : "accepted: scan DEVICE"}\n\n${USAGE}`,
    );
    return 1;
  }
  try {
    const disk = await openDiskOrImage(device);
    try {
      const use = diskUse(readPartitionTable(disk));
      if (use === "unreadable") {
        // The reference calls such a disk ephemeral; it would be formatted next.
        process.stderr.write(`Failed to read '${device}': no copy of its partition table could be read\n`);
        return 1;
      }
      process.stdout.write(`BOTTLEROCKET_DEVICE_TYPE=${use}\n`);
      return 0;
    } finally {
      disk.close();
    }
  } catch (error) {
    process.stderr.write(`Failed to open '${device}': ${failureText(error)}\n`);
    return 1;
  }
}
