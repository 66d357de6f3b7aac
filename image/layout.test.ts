import { describe, expect, it } from "bun:test";
import { type DiskLayout, type PartitionPlan, planDisks } from "./layout.ts";

const names = [
  "BIOS-BOOT",
  "EFI-SYSTEM",
  "BOTTLEROCKET-BOOT-A",
  "BOTTLEROCKET-ROOT-A",
  "BOTTLEROCKET-HASH-A",
  "BOTTLEROCKET-RESERVED-A",
  "EFI-BACKUP",
  "BOTTLEROCKET-BOOT-B",
  "BOTTLEROCKET-ROOT-B",
  "BOTTLEROCKET-HASH-B",
  "BOTTLEROCKET-RESERVED-B",
  "BOTTLEROCKET-PRIVATE",
];

const plans: readonly PartitionPlan[] = ["split", "unified"];

function allPartitions(layout: DiskLayout) {
  return [...layout.os.partitions, ...(layout.data?.partitions ?? [])];
}

describe("the partitions of a new image", () => {
  // os-image.md 1.2: offsets in MiB from the disk's start, the last one where the OS partitions end
  const offsets: [n: number, starts: number[]][] = [
    [1, [1, 5, 10, 30, 490, 495, 505, 510, 530, 990, 995, 1005, 1023]],
    [2, [1, 5, 10, 50, 970, 980, 1005, 1010, 1050, 1970, 1980, 2005, 2047]],
    [4, [1, 5, 10, 90, 1930, 1950, 2005, 2010, 2090, 3930, 3950, 4005, 4095]],
  ];
  for (const [n, starts] of offsets) {
    it(`Checks 1 and 2: with N=${n} each starts where the table says`, () => {
      const split = planDisks("split", n, 1);
      expect(split.os.partitions.map((partition) => partition.name)).toEqual(names);
      expect(split.os.partitions.map((partition) => partition.startMiB)).toEqual(starts.slice(0, 12));
      expect(split.os.sizeMiB).toBe(1024 * n);
      const last = split.os.partitions[11];
      expect((last?.startMiB ?? 0) + (last?.sizeMiB ?? 0)).toBe(Number(starts[12]));
      const unified = planDisks("unified", n, 1);
      expect(unified.os.partitions.map((partition) => partition.startMiB)).toEqual(starts);
    });
  }

  it("Check 1: the split plan has DATA alone on its own disk, 1022 MiB from 1 MiB on", () => {
    const { data } = planDisks("split", 2, 1);
    expect(data?.sizeMiB).toBe(1024);
    expect(data?.partitions).toEqual([
      {
        number: 1,
        name: "BOTTLEROCKET-DATA",
        type: "626f7474-6c65-6474-6861-726d61726b73",
        startMiB: 1,
        sizeMiB: 1022,
        attributes: 0n,
      },
    ]);
  });

  it("Check 2: the unified plan ends with DATA and has no data disk", () => {
    const { os, data } = planDisks("unified", 4, 1);
    expect(data).toBeUndefined();
    expect(os.sizeMiB).toBe(5 * 1024);
    expect(os.partitions[12]).toMatchObject({ number: 13, startMiB: 4095, sizeMiB: 1024 });
  });

  it("Check 3: only BOOT-A is bootable: priority 1, no tries, successful", () => {
    for (const plan of plans) {
      for (const partition of allPartitions(planDisks(plan, 2, 1))) {
        const expected = partition.name === "BOTTLEROCKET-BOOT-A" ? 0x0101_0000_0000_0000n : 0n;
        expect(partition.attributes).toBe(expected);
      }
    }
  });

  it("Check 4: every partition starts where the one before ends, on a whole MiB", () => {
    for (const plan of plans) {
      const { partitions } = planDisks(plan, 3, 2).os;
      for (const [index, partition] of partitions.entries()) {
        const before = partitions[index - 1];
        if (before !== undefined) expect(partition.startMiB).toBe(before.startMiB + before.sizeMiB);
        expect(Number.isInteger(partition.startMiB)).toBe(true);
      }
    }
  });

  it("Check 5: BOOT, ROOT and HASH of each set have consecutive numbers", () => {
    const { partitions } = planDisks("split", 2, 1).os;
    for (const set of ["A", "B"]) {
      const numbers = ["BOOT", "ROOT", "HASH"].map(
        (kind) =>
          partitions.find((partition) => partition.name === `BOTTLEROCKET-${kind}-${set}`)?.number ?? 0,
      );
      const [boot = 0] = numbers;
      expect(numbers).toEqual([boot, boot + 1, boot + 2]);
    }
  });
});
