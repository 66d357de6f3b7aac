import { describe, expect, it } from "bun:test";
import { setToFallBackTo } from "./fall-back.ts";
import { readBootFlags, type SetName } from "./partition-sets.ts";
import { attributesOf } from "./sample-table.ts";

const set = (text: string) => ({ boot: "", root: "", hash: "", flags: readBootFlags(attributesOf(text)) });

describe("a set that was not marked good in time", () => {
  // priority/tries left/successful
  const table: [situation: string, active: SetName, a: string, b: string, back: SetName | undefined][] = [
    ["gives way to the good one when it was an update on trial", "B", "1/0/1", "2/0/0", "A"],
    ["gives way to the other when that has tries left", "A", "2/0/0", "1/1/0", "B"],
    ["stays when it was marked good by an earlier boot", "B", "1/0/1", "2/0/1", undefined],
    ["stays when the other set is empty", "A", "2/0/0", "0/0/0", undefined],
    ["stays when the other set did not come up either", "A", "2/0/0", "1/0/0", undefined],
    ["stays when it would be tried once more", "B", "1/0/1", "2/1/0", undefined],
  ];
  for (const [situation, active, a, b, back] of table) {
    it(situation, () => expect(setToFallBackTo({ active, sets: { A: set(a), B: set(b) } })).toBe(back));
  }
});
