/** Puts partition contents and the partition table into a raw, sparse disk image. */
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Sdk } from "../sdk/index.ts";
import { fail } from "./failures.ts";
import { guidFor, type Release } from "./identity.ts";
import type { PlannedDisk } from "./layout.ts";

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
  const copies = disk.partitions.flatMap((partition) => {
    const content = contents.get(partition.name);
    if (content === undefined) return [];
    return [`dd if="${content}" of="$1" bs=1M seek=${partition.startMiB} conv=sparse,notrunc status=none`];
  });
  const script = ["set -eu", 'rm -f "$1"', 'truncate --size="$2M" "$1"', 'sfdisk --quiet "$1"', ...copies];
  await sdk.run(["sh", "-c", script.join("\n"), "sh", image, String(disk.sizeMiB)], {
    writable: [dirname(image)],
    readable: [...contents.values()].map((content) => join(content)),
    stdin: sfdiskScript(disk, release, purpose),
  });
}

function sfdiskScript(disk: PlannedDisk, release: Release, purpose: string): string {
  const lines = disk.partitions.map((partition) => {
    const bits = Array.from({ length: 16 }, (_, index) => 48 + index).filter(
      (bit) => ((partition.attributes >> BigInt(bit)) & 1n) === 1n,
    );
    return [
      `start=${partition.startMiB * 2048}`,
      `size=${partition.sizeMiB * 2048}`,
      `type=${partition.type}`,
      `uuid=${guidFor(release, `${purpose} ${partition.name}`)}`,
      `name="${partition.name}"`,
      ...(bits.length === 0 ? [] : [`attrs="GUID:${bits.join(",")}"`]),
    ].join(", ");
  });
  const header = ["label: gpt", `label-id: ${guidFor(release, `${purpose} disk`)}`, "first-lba: 2048"];
  return `${[...header, "", ...lines].join("\n")}\n`;
}
