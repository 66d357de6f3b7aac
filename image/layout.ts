/** Where every partition lies: the arithmetic of os-image.md 1.1 and 1.2. Decides only. */

export type PartitionPlan = "split" | "unified";

/** Partition type GUIDs that tools on hosts and in fleets know (os-image.md 1.2). */
export const PARTITION_TYPES = {
  biosBoot: "21686148-6449-6e6f-744e-656564454649",
  efiSystem: "c12a7328-f81f-11d2-ba4b-00a0c93ec93b",
  boot: "6b636168-7420-6568-2070-6c616e657421",
  root: "5526016a-1a97-4ea4-b39a-b7c8c6ca4502",
  hash: "598f10af-c955-4456-6a99-7720068a6cea",
  reserved: "0c5d99a5-d331-4147-baef-08e2b855bdc9",
  efiBackup: "b39ce39c-0a00-b4ab-2d11-f18f8237a21c",
  private: "440408bb-eb0b-4328-a6e5-a29038fad706",
  data: "626f7474-6c65-6474-6861-726d61726b73",
} as const;

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
  readonly type: keyof typeof PARTITION_TYPES;
  readonly sizeMiB: number;
}

function place(pieces: readonly Piece[]): readonly PlannedPartition[] {
  let startMiB = GPT_MIB;
  return pieces.map((piece, index) => {
    const placed = {
      number: index + 1,
      name: piece.name,
      type: PARTITION_TYPES[piece.type],
      startMiB,
      sizeMiB: piece.sizeMiB,
      attributes: piece.name === "BOTTLEROCKET-BOOT-A" ? PRIORITY_1_SUCCESSFUL : 0n,
    };
    startMiB += piece.sizeMiB;
    return placed;
  });
}
