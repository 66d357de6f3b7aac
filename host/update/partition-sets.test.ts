import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import {
  chooseBootPartition,
  nextSet,
  readBootFlags,
  type SetName,
  withBootFlags,
} from "./partition-sets.ts";
import { attributesOf } from "./sample-table.ts";

const flags = (text: string) => readBootFlags(attributesOf(text));
const anyAttributes = fc.bigInt(0n, (1n << 64n) - 1n);

describe("the boot flags of an entry", () => {
  it("are set each in its own bits (updates Check 1)", () => {
    const first = 0x5555_5555_5555_5555n;
    const noPriority = withBootFlags(first, { ...readBootFlags(first), priority: 0 });
    expect(noPriority).toBe(0x5550_5555_5555_5555n);
    const noTries = withBootFlags(noPriority, { ...readBootFlags(noPriority), triesLeft: 0 });
    expect(noTries).toBe(0x5500_5555_5555_5555n);
    const notSuccessful = withBootFlags(noTries, { ...readBootFlags(noTries), successful: false });
    expect(notSuccessful).toBe(0x5400_5555_5555_5555n);
  });

  it("written as they were read change nothing", () => {
    fc.assert(fc.property(anyAttributes, (value) => withBootFlags(value, readBootFlags(value)) === value));
  });

  it("leave bits 0-47 and 60-63 alone", () => {
    const others = ~(0xfffn << 48n) & ((1n << 64n) - 1n);
    fc.assert(
      fc.property(anyAttributes, anyAttributes, (value, wanted) => {
        return (withBootFlags(value, readBootFlags(wanted)) & others) === (value & others);
      }),
    );
  });
});

describe("the set the boot selector starts (os-image Check 12, updates Check 8)", () => {
  // priority/tries left/successful/starts since marked good; `after`: the same, as written before the start
  const table: [situation: string, a: string, b: string, started: SetName | undefined, after: string][] = [
    ["a fresh disk starts the first set", "1/0/1", "0/0/0", "A", "1/0/1/0 0/0/0/0"],
    ["an activated update is tried, which uses its try", "1/0/1", "2/1/0", "B", "1/0/1/0 2/0/0/0"],
    ["a try that did not succeed falls back", "1/0/1", "2/0/0", "A", "1/0/1/0 2/0/0/0"],
    ["a try is used up even when the set was successful", "1/3/1", "0/0/0", "A", "1/2/1/0 0/0/0/0"],
    ["priority 0 is never started, even if good", "0/0/1", "0/1/0", undefined, ""],
    ["a tie goes to the first set", "1/0/1", "1/0/1", "A", "1/0/1/1 1/0/1/0"],
    ["a start of a good set is counted while there is another", "2/0/1/1", "1/0/1", "A", "2/0/1/2 1/0/1/0"],
    ["a good set with three starts gives way", "2/0/1/3", "1/0/1", "B", "2/0/1/3 1/0/1/1"],
    ["it does not give way to an untried set", "2/0/1/3", "1/1/0", "A", "2/0/1/3 1/1/0/0"],
    ["beside an untried set its starts are not counted", "2/0/1/0", "1/1/0", "A", "2/0/1/0 1/1/0/0"],
    ["the only bootable set never gives way", "2/0/1/3", "1/0/0", "A", "2/0/1/3 1/0/0/0"],
    ["when both have used up their starts they count anew", "2/0/1/3", "1/0/1/3", "A", "2/0/1/1 1/0/1/0"],
  ];
  for (const [situation, a, b, started, after] of table) {
    it(`${situation}: ${a} and ${b}`, () => {
      expect(nextSet(flags(a), flags(b))).toBe(started);
      const written = chooseBootPartition([flags(a), flags(b)])?.flags ?? [];
      const text = written.map((f) => [f.priority, f.triesLeft, Number(f.successful), f.starts].join("/"));
      expect(text.join(" ")).toBe(after);
    });
  }

  it("comes, for a set that never again comes up, to the other one after three starts", () => {
    let boots = [flags("2/0/1"), flags("1/0/1")];
    const started = Array.from({ length: 8 }, () => {
      const choice = chooseBootPartition(boots);
      boots = [...(choice?.flags ?? [])];
      return choice?.index;
    });
    expect(started).toEqual([0, 0, 0, 1, 1, 1, 0, 0]);
  });
});
