/** Virtual machines for people and tests. */

export { chooseAcceleration } from "./acceleration.ts";
export type { Answer } from "./ask.ts";
export { plainText } from "./console-log.ts";
export { findMachine, type Machine } from "./machine.ts";
export { findPartition, type PartitionPlace } from "./partitions.ts";
export { type Provisioning, provision } from "./private-partition.ts";
export { networkCard, networkInterface, processor } from "./qemu.ts";
export { isFromOtherImage, type StartOptions, startMachine } from "./start.ts";
export { isRunning, machineNames, readState } from "./state.ts";
