/** The sets of the running host: found, read and changed on its disk. Acts; what to change is decided elsewhere. */
import { join } from "node:path";
import { type BlockDevice, openDisk, partitionNames, partitionsUnder } from "../linux/disk.ts";
import { withLock } from "../linux/lock.ts";
import { fail } from "./failures.ts";
import { type BootFlags, otherSet, readBootFlags, type SetName, withBootFlags } from "./partition-sets.ts";
import {
  encodePartitionTable,
  type Partition,
  type PartitionTable,
  type PartitionTableReading,
  partitionsOf,
  readPartitionTable,
  sameContent,
  withAttributes,
} from "./partition-table.ts";
import { partitionTypes } from "./partition-types.ts";
import { type TransitionName, transitions } from "./set-transitions.ts";

/** One process changes the table at a time: each reads it whole and writes it whole. */
const LOCK = "run/pinwheel/partition-table.lock";
const LOCK_PATIENCE_MS = 10_000;

/** Where the host is: "/" and the number of its root's device, or a tree with the same files in a test. */
export interface HostPlace {
  readonly root: string;
  readonly rootDevice?: bigint;
  /** In a test: what is in its `dev` are plain files. Elsewhere nothing but a block device is written to. */
  readonly devicesAreFiles?: boolean;
}

interface HostSet {
  readonly boot: string;
  readonly root: string;
  readonly hash: string;
  readonly flags: BootFlags;
}

export interface HostSets {
  /** Device path of the disk. */
  readonly disk: string;
  readonly active: SetName;
  readonly sets: { readonly [Name in SetName]: HostSet };
}

/**
 * The sets of this host as the disk has them now.
 *
 * @throws Failure when the disk, its table or one of the sets cannot be found
 */
export async function readHostSets(place: HostPlace): Promise<HostSets> {
  const opened = await openHost(place, "read");
  try {
    const names = await partitionNames(place.root, opened.diskName);
    const device = (partition: Partition): string => {
      const name = names.get(partition.number);
      if (name !== undefined) return `/dev/${name}`;
      throw fail("partition-sets/no-device", { disk: opened.disk, number: partition.number });
    };
    const describe = ({ boot, root, hash }: SetPartitions): HostSet => ({
      boot: device(boot),
      root: device(root),
      hash: device(hash),
      flags: readBootFlags(boot.attributes),
    });
    const { A, B } = opened.sets;
    return { disk: opened.disk, active: opened.active, sets: { A: describe(A), B: describe(B) } };
  } finally {
    opened.device.close();
  }
}

/**
 * Changes the flags of the sets as the named command says, and writes both copies of the table.
 *
 * Nothing is written when nothing changes and both copies are good.
 *
 * @throws Failure when the command's conditions do not hold; then nothing was written
 */
export async function changeHostSets(place: HostPlace, name: TransitionName): Promise<void> {
  await withTable(place, ({ table, active, sets }) => {
    const inactive = otherSet(active);
    const outcome = transitions[name]({
      active: readBootFlags(sets[active].boot.attributes),
      inactive: readBootFlags(sets[inactive].boot.attributes),
    });
    if (!outcome.ok) throw fail("partition-sets/refused", { problem: outcome.problem });
    const store = (to: PartitionTable, { boot }: SetPartitions, flags: BootFlags) =>
      withAttributes(to, boot.number, withBootFlags(boot.attributes, flags));
    return store(store(table, sets[active], outcome.sets.active), sets[inactive], outcome.sets.inactive);
  });
}

/** Writes both copies of the table again with what they hold. */
export async function rewriteHostTable(place: HostPlace): Promise<void> {
  await withTable(place, ({ table }) => table, "always");
}

interface SetPartitions {
  readonly boot: Partition;
  readonly root: Partition;
  readonly hash: Partition;
}

interface OpenHost {
  readonly device: BlockDevice;
  readonly diskName: string;
  readonly disk: string;
  readonly reading: PartitionTableReading;
  readonly table: PartitionTable;
  readonly sets: { readonly [Name in SetName]: SetPartitions };
  readonly active: SetName;
}

async function openHost(place: HostPlace, access: "read" | "write"): Promise<OpenHost> {
  const under = await partitionsUnder(place.root, place.rootDevice);
  const [first] = under;
  if (first === undefined) throw new Error("The root stands on no partition");
  const diskName = first.disk;
  const disk = `/dev/${diskName}`;
  const device = await openDisk(place.root, diskName, access);
  try {
    const reading = readPartitionTable(device);
    const { table, primary, backup } = reading;
    if (table === undefined) throw fail("partition-table/unreadable", { disk, primary, backup });
    const sets = findSets(disk, table);
    const numbers = under.filter((partition) => partition.disk === diskName).map(({ number }) => number);
    return { device, diskName, disk, reading, table, sets, active: findActive(disk, sets, numbers) };
  } catch (error) {
    device.close();
    throw error;
  }
}

/** Set A is the first partition of each type in table order, set B the second. */
function findSets(disk: string, table: PartitionTable): OpenHost["sets"] {
  const partitions = partitionsOf(table);
  const pair = (type: string): readonly [Partition, Partition] => {
    const [a, b] = partitions.filter((partition) => partition.type === type);
    const found = partitions.filter((partition) => partition.type === type).length;
    if (a === undefined || b === undefined) throw fail("partition-sets/missing", { disk, type, found });
    return [a, b];
  };
  const boots = pair(partitionTypes.boot);
  const roots = pair(partitionTypes.root);
  const hashes = pair(partitionTypes.hash);
  const set = (index: 0 | 1): SetPartitions => {
    const [boot, root, hash] = [boots[index], roots[index], hashes[index]];
    if (root.number !== boot.number + 1 || hash.number !== boot.number + 2) {
      throw fail("partition-sets/order", { disk, set: index === 0 ? "A" : "B" });
    }
    return { boot, root, hash };
  };
  return { A: set(0), B: set(1) };
}

function findActive(disk: string, sets: OpenHost["sets"], numbers: readonly number[]): SetName {
  const holds = ({ boot, root, hash }: SetPartitions) =>
    [boot, root, hash].some(({ number }) => numbers.includes(number));
  if (holds(sets.A)) return "A";
  if (holds(sets.B)) return "B";
  throw fail("partition-sets/no-active", { disk, numbers });
}

async function withTable(
  place: HostPlace,
  change: (host: OpenHost) => PartitionTable,
  write: "always" | "when needed" = "when needed",
): Promise<void> {
  await withLock(join(place.root, LOCK), LOCK_PATIENCE_MS, async () => {
    const host = await openHost(place, "write");
    try {
      const table = change(host);
      const good = host.reading.primary === "good" && host.reading.backup === "good";
      if (write === "always" || !good || !sameContent(table, host.table)) writeTable(host, table);
    } finally {
      host.device.close();
    }
  });
}

function writeTable(host: OpenHost, table: PartitionTable): void {
  let writes: ReturnType<typeof encodePartitionTable>;
  try {
    writes = encodePartitionTable(host.device, table, host.reading.primary);
  } catch (cause) {
    throw fail("partition-table/no-place", { disk: host.disk }, { cause });
  }
  for (const { offset, bytes } of writes) {
    host.device.write(offset, bytes);
    // Each part is on the medium before the next: at no moment are both copies in the making.
    host.device.flush();
  }
}
