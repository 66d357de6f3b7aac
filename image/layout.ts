/** Where every partition lies: the arithmetic of os-image.md 1.1 and 1.2. Decides only. */

import { partitionTypes } from "../host/update/index.ts";

export type PartitionPlan = "split" | "unified";

export interface PlannedPartition {
  /** From 1, in the order of their start. */
  readonly number: number;
  readonly name: string;
  readonly type: string;
  readonly startMiB: number;
  readonly sizeMiB: number;
  /** Bits 48–63 hold the boot flags of os-image.md 1.3. */
  readonly attributes: bigint;
}

export interface PlannedDisk {
  readonly sizeMiB: number;
  readonly partitions: readonly PlannedPartition[];
}

export interface DiskLayout {
  readonly os: PlannedDisk;
  /** Only in the split plan. */
  readonly data: PlannedDisk | undefined;
}

const PRIORITY_1_SUCCESSFUL = 0x0101_0000_0000_0000n;
const GPT_MIB = 1; // reserved at each end of each disk

/**
 * The partitions of a new image.
 *
 * @param plan          one disk or two
 * @param osSizeGiB     N, at least 1
 * @param dataSizeGiB   D, at least 1
 */
export function planDisks(plan: PartitionPlan, osSizeGiB: number, dataSizeGiB: number): DiskLayout {
  const n = osSizeGiB;
  const set = (letter: "A" | "B"): Piece[] => [
    { name: `BOTTLEROCKET-BOOT-${letter}`, type: "boot", sizeMiB: 20 * n },
    { name: `BOTTLEROCKET-ROOT-${letter}`, type: "root", sizeMiB: 460 * n },
    { name: `BOTTLEROCKET-HASH-${letter}`, type: "hash", sizeMiB: 5 * n },
    { name: `BOTTLEROCKET-RESERVED-${letter}`, type: "reserved", sizeMiB: 15 * n - 5 },
  ];
  const os: Piece[] = [
    { name: "BIOS-BOOT", type: "biosBoot", sizeMiB: 4 },
    { name: "EFI-SYSTEM", type: "efiSystem", sizeMiB: 5 },
    ...set("A"),
    { name: "EFI-BACKUP", type: "efiBackup", sizeMiB: 5 },
    ...set("B"),
    { name: "BOTTLEROCKET-PRIVATE", type: "private", sizeMiB: 24 * n - 6 },
  ];
  const name = "BOTTLEROCKET-DATA";
  if (plan === "unified") {
    const pieces: Piece[] = [...os, { name, type: "data", sizeMiB: 1024 * dataSizeGiB }];
    return { os: { sizeMiB: 1024 * (n + dataSizeGiB), partitions: place(pieces) }, data: undefined };
  }
  const data: Piece[] = [{ name, type: "data", sizeMiB: 1024 * dataSizeGiB - 2 * GPT_MIB }];
  return {
    os: { sizeMiB: 1024 * n, partitions: place(os) },
    data: { sizeMiB: 1024 * dataSizeGiB, partitions: place(data) },
  };
}

interface Piece {
  readonly name: string;
  readonly type: keyof typeof partitionTypes;
  readonly sizeMiB: number;
}

function place(pieces: readonly Piece[]): readonly PlannedPartition[] {
  let startMiB = GPT_MIB;
  return pieces.map((piece, index) => {
    const placed = {
      number: index + 1,
      name: piece.name,
      type: partitionTypes[piece.type],
      startMiB,
      sizeMiB: piece.sizeMiB,
      attributes: piece.name === "BOTTLEROCKET-BOOT-A" ? PRIORITY_1_SUCCESSFUL : 0n,
    };
    startMiB += piece.sizeMiB;
    return placed;
  });
}
