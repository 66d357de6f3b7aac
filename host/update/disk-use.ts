/** Whether a disk belongs to the system, judged by its partition table. Decides only. */
import { type PartitionTableReading, partitionsOf } from "./partition-table.ts";
import { partitionTypes } from "./partition-types.ts";

const systemTypes: ReadonlySet<string> = new Set([
  partitionTypes.efiSystem,
  partitionTypes.boot,
  partitionTypes.root,
  partitionTypes.hash,
  partitionTypes.reserved,
  partitionTypes.private,
  partitionTypes.data,
]);

/**
 * `system` for a disk with a partition of ours, `ephemeral` for one that may be used for anything: also one without
 * a valid table. Of a disk whose table could not be read nobody knows, so it is neither.
 *
 * @source specification "platform" 10; "os-image" 5.1
 */
export function diskUse({
  table,
  primary,
  backup,
}: PartitionTableReading): "system" | "ephemeral" | "unreadable" {
  if (table === undefined) {
    return primary === "unreadable" || backup === "unreadable" ? "unreadable" : "ephemeral";
  }
  const ours = partitionsOf(table).some(
    ({ type, name }) => systemTypes.has(type) || name.startsWith("BOTTLEROCKET"),
  );
  return ours ? "system" : "ephemeral";
}
