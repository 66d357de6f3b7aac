/** Updates: the partition table and the two sets. What other rooms may use. */

export { diskUse } from "./disk-use.ts";
export { fail as updateFailure } from "./failures.ts";
export { guidBytes, guidText } from "./guid.ts";
export {
  changeHostSets,
  type HostPlace,
  type HostSet,
  type HostSets,
  readHostSets,
  rewriteHostTable,
} from "./host-sets.ts";
export {
  type BootFlags,
  isBootable,
  nextSet,
  readBootFlags,
  type SetName,
  withBootFlags,
} from "./partition-sets.ts";
export {
  type CopyState,
  encodePartitionTable,
  type Partition,
  type PartitionTable,
  type PartitionTableReading,
  partitionsOf,
  type ReadableDisk,
  readPartitionTable,
  withAttributes,
} from "./partition-table.ts";
export { partitionTypes } from "./partition-types.ts";
export { type TransitionName, transitions } from "./set-transitions.ts";
