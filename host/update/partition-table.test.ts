import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { guidBytes, guidText } from "./guid.ts";
import { newPartitionTable, protectiveSector } from "./new-partition-table.ts";
import { encodePartitionTable, partitionsOf, readPartitionTable, withAttributes } from "./partition-table.ts";
import { diskOf, memoryDisk, sampleSets, sampleTable, writeTable } from "./sample-table.ts";

const SECTORS = 4096;

function freshDisk(sectorBytes = 512) {
  const disk = memoryDisk(SECTORS, sectorBytes);
  const table = sampleTable(disk, sampleSets(0x0101_0000_0000_0000n, 0n));
  writeTable(disk, table);
  return { disk, table };
}

describe("a partition table", () => {
  it("read back is what was written, both copies good (updates Check 7)", () => {
    const { disk, table } = freshDisk();
    expect(readPartitionTable(disk)).toEqual({ primary: "good", backup: "good", table });
  });

  it("lists its partitions by number, with names, types and attributes", () => {
    const { table } = freshDisk();
    const partitions = partitionsOf(table);
    expect(partitions.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
    expect(partitions[2]).toEqual({
      number: 3,
      type: "6b636168-7420-6568-2070-6c616e657421",
      guid: "10000000-0000-4000-8000-000000000003",
      firstLba: 103n,
      lastLba: 103n,
      attributes: 0x0101_0000_0000_0000n,
      name: "PARTITION-3",
    });
  });

  it("stores the boot type in the byte order of the disk (os-image 1.2)", () => {
    const { disk } = freshDisk();
    const entry = disk.content.subarray(2 * 512 + 2 * 128, 2 * 512 + 2 * 128 + 16);
    expect(Buffer.from(entry).toString("hex")).toBe("6861636b2074686520706c616e657421");
  });

  it("changes only the attributes it is told to change", () => {
    const { table } = freshDisk();
    const changed = withAttributes(table, 8, 0x0012_0000_0000_0000n);
    const differing = [...table.entries.keys()].filter((at) => table.entries[at] !== changed.entries[at]);
    expect(differing).toEqual([7 * 128 + 48 + 6]);
    expect(() => withAttributes(table, 129, 0n)).toThrow(
      "The partition table has 128 entries, no number 129",
    );
  });

  const damages: [what: string, at: (bytes: Uint8Array) => number, primary: string, backup: string][] = [
    ["the primary's signature", () => 512, "no GPT signature", "good"],
    ["the primary's header", () => 512 + 60, "header damaged", "good"],
    ["the primary's entries", () => 1024 + 50, "entries damaged", "good"],
    ["the backup's header", (bytes) => bytes.length - 512 + 60, "good", "header damaged"],
    ["the backup's entries", (bytes) => bytes.length - 512 - 40, "good", "entries damaged"],
  ];
  for (const [what, at, primary, backup] of damages) {
    it(`with a flipped byte in ${what} is read from the other copy, and good again once written`, () => {
      const { disk, table } = freshDisk();
      const byte = at(disk.content);
      disk.content[byte] = (disk.content[byte] ?? 0) ^ 0x10;
      const reading = readPartitionTable(disk);
      expect(reading).toEqual({ primary, backup, table } as typeof reading);
      if (reading.table) writeTable(disk, reading.table);
      expect(readPartitionTable(disk)).toEqual({ primary: "good", backup: "good", table });
    });
  }

  it("whose copies are both good but differ is the primary's", () => {
    const { disk, table } = freshDisk();
    const changed = withAttributes(table, 8, 1n << 48n);
    for (const { offset, bytes } of encodePartitionTable(disk, changed).slice(0, 2)) {
      disk.content.set(bytes, Number(offset));
    }
    expect(readPartitionTable(disk)).toEqual({ primary: "good", backup: "differs from the primary", table });
  });

  it("cut between any two writes still gives the old or the new content, whole", () => {
    const { disk, table } = freshDisk();
    const changed = withAttributes(table, 8, 0x0012_0000_0000_0000n);
    for (let steps = 0; steps <= 4; steps++) {
      const cut = diskOf(disk.content.slice());
      for (const { offset, bytes } of encodePartitionTable(cut, changed).slice(0, steps)) {
        cut.content.set(bytes, Number(offset));
      }
      const found = readPartitionTable(cut).table;
      expect(found && partitionsOf(found)).toEqual(partitionsOf(steps < 3 ? table : changed));
    }
  });

  const places: [what: string, damageAt: ((bytes: Uint8Array) => number) | undefined][] = [
    ["nothing", undefined],
    ...damages.map(([what, at]): [string, typeof at] => [what, at]),
  ];
  for (const [what, damageAt] of places) {
    it(`with ${what} damaged, cut at any moment of its writing, has a good copy with the old or the new content`, () => {
      const { disk, table } = freshDisk();
      const byte = damageAt?.(disk.content);
      if (byte !== undefined) disk.content[byte] = (disk.content[byte] ?? 0) ^ 0x10;
      const { primary } = readPartitionTable(disk);
      const changed = withAttributes(table, 8, 0x0012_0000_0000_0000n);
      const writes = encodePartitionTable(disk, changed, primary);
      for (let steps = 0; steps < 4; steps++) {
        // The write that power was cut in has arrived up to some point.
        for (const arrived of [0, 0.5, 1]) {
          const cut = diskOf(disk.content.slice());
          writes.slice(0, steps + 1).forEach(({ offset, bytes }, at) => {
            cut.content.set(at < steps ? bytes : bytes.subarray(0, bytes.length * arrived), Number(offset));
          });
          const found = readPartitionTable(cut).table;
          expect([partitionsOf(table), partitionsOf(changed)]).toContainEqual(
            found ? [...partitionsOf(found)] : [],
          );
        }
      }
    });
  }

  it("of a disk that has grown finds and keeps its backup where it was", () => {
    const { disk, table } = freshDisk();
    const grown = diskOf(new Uint8Array(2 * disk.content.length));
    grown.content.set(disk.content);
    expect(readPartitionTable(grown)).toEqual({ primary: "good", backup: "good", table });
  });

  it("of a disk with sectors of 4096 bytes is read and written too", () => {
    const { disk, table } = freshDisk(4096);
    disk.content[4096] = 0;
    expect(readPartitionTable(disk)).toEqual({ primary: "no GPT signature", backup: "good", table });
  });

  it("with both copies damaged is told, not thrown", () => {
    const disk = memoryDisk(SECTORS);
    const none = "no GPT signature" as const;
    expect(readPartitionTable(disk)).toEqual({ primary: none, backup: none, table: undefined });
  });

  it("that does not fit the disk is not written", () => {
    const { disk, table } = freshDisk();
    const short = { sectorBytes: 512, sectors: disk.sectors - 10n };
    expect(() => encodePartitionTable(short, table)).toThrow(RangeError);
  });

  it("made of hostile bytes is judged without reading outside the disk", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ at: fc.nat(2047), value: fc.bigInt(0n, (1n << 64n) - 1n) }), { maxLength: 6 }),
        fc.boolean(),
        (changes, repairChecksum) => {
          const { disk } = freshDisk();
          const view = new DataView(disk.content.buffer);
          for (const { at, value } of changes) view.setBigUint64(512 + (at % 85), value, true);
          if (repairChecksum) {
            view.setUint32(512 + 16, 0, true);
            const bytes = Math.min(view.getUint32(512 + 12, true), 512);
            view.setUint32(512 + 16, Bun.hash.crc32(disk.content.subarray(512, 512 + bytes)), true);
          }
          const { table } = readPartitionTable(disk);
          expect(table).toBeDefined(); // the backup is untouched
          if (table) partitionsOf(table);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("a new partition table", () => {
  const given = {
    type: "6b636168-7420-6568-2070-6c616e657421",
    guid: "10000000-0000-4000-8000-000000000003",
  };
  const valid = { ...given, number: 3, firstLba: 2048n, lastLba: 4095n, attributes: 1n << 63n, name: "A-Ω" };
  const make = (partition: typeof valid) =>
    newPartitionTable(memoryDisk(SECTORS), given.guid, [partition], 34n);

  it("holds each partition in the entry of its number, whole", () => {
    expect(partitionsOf(make(valid))).toEqual([valid]);
    const extreme = { ...valid, number: 128, name: "x".repeat(36) };
    expect(partitionsOf(make(extreme))).toEqual([extreme]);
  });

  it("refuses entries that a table does not have, and names that do not fit", () => {
    for (const number of [0, 129, 1.5]) {
      const problem = `A partition table has entries 1 to 128, no number ${number}`;
      expect(() => make({ ...valid, number })).toThrow(problem);
    }
    expect(() => make({ ...valid, name: "x".repeat(37) })).toThrow("is longer than 36 characters");
  });

  it("begins with a sector that covers the disk, or as much of it as its 32 bits can say", () => {
    const covered = (sectors: bigint) => {
      const { offset, bytes } = protectiveSector({ sectorBytes: 512, sectors });
      expect(offset).toBe(0n);
      return (
        Buffer.from(bytes.subarray(446, 462)).toString("hex") +
        Buffer.from(bytes.subarray(510)).toString("hex")
      );
    };
    expect(covered(4096n)).toBe("00000200eeffffff01000000ff0f000055aa");
    expect(covered(1n << 40n)).toBe("00000200eeffffff01000000ffffffff55aa");
  });
});

describe("a GUID", () => {
  it("keeps its text through the byte order of the disk", () => {
    fc.assert(fc.property(fc.uuid(), (text) => guidText(guidBytes(text)) === text));
  });
  it("that is none is refused", () => {
    expect(() => guidBytes("6b636168-7420-6568-2070-6c616e65742")).toThrow("Not a GUID");
  });
});
