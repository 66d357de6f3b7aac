/** Updates: the partition table and the two sets. What other rooms may use. */

export { diskUse } from "./disk-use.ts";
export { setToFallBackTo } from "./fall-back.ts";
export {
  changeHostSets,
  type HostPlace,
  type HostSets,
  readHostSets,
  rewriteHostTable,
} from "./host-sets.ts";
export { newPartitionTable, protectiveSector } from "./new-partition-table.ts";
export { nextSet, type SetName } from "./partition-sets.ts";
export { encodePartitionTable, readPartitionTable } from "./partition-table.ts";
export { partitionTypes } from "./partition-types.ts";
export { type TransitionName, transitions } from "./set-transitions.ts";
