/** Virtual machines for people and tests. */

export { chooseAcceleration } from "./acceleration.ts";
export type { Answer } from "./ask.ts";
export { type AskOptions, findMachine, type Machine } from "./machine.ts";
export { findPartition, type PartitionPlace } from "./partitions.ts";
export { type Provisioning, provision } from "./private-partition.ts";
export { networkCard, processor } from "./qemu.ts";
export { startMachine } from "./start.ts";
export { readState } from "./state.ts";
