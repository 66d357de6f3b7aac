import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { durationSeconds, memoryBytes, milliCpus } from "./quantities.ts";

describe("amounts of memory in bytes", () => {
  const table: [text: string, bytes: number | undefined][] = [
    ["1", 1],
    ["512Mi", 536_870_912],
    ["512M", 512_000_000],
    ["2Gi", 2_147_483_648],
    ["3k", 3000],
    ["3Ki", 3072],
    ["1T", 1e12],
    ["1Ti", 1_099_511_627_776],
    ["0", undefined],
    ["1.5Gi", undefined],
    ["1K", undefined],
    ["1m", undefined],
    ["1Mi\n", undefined],
    ["", undefined],
  ];
  for (const [text, bytes] of table) {
    it(`${JSON.stringify(text)} is ${bytes ?? "none"}`, () => expect(memoryBytes(text)).toBe(bytes));
  }
});

describe("amounts of processor time in thousandths", () => {
  const table: [text: string, thousandths: number | undefined][] = [
    ["500m", 500],
    ["1", 1000],
    ["1.5", 1500],
    ["0.01", 10],
    ["0", 0],
    ["1.0005", undefined],
    [".5", undefined],
    ["1.5m", undefined],
    ["01", undefined],
    ["1\n", undefined],
    ["", undefined],
  ];
  for (const [text, thousandths] of table) {
    it(`${JSON.stringify(text)} is ${thousandths ?? "none"}`, () =>
      expect(milliCpus(text)).toBe(thousandths));
  }

  it("are exact in both ways of writing them", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_999_999 }), (thousandths) => {
        expect(milliCpus(`${thousandths}m`)).toBe(thousandths);
        expect(milliCpus((thousandths / 1000).toFixed(3))).toBe(thousandths);
      }),
    );
  });
});

describe("durations in seconds", () => {
  const table: [text: string, seconds: number | undefined][] = [
    ["5m", 300],
    ["1m30s", 90],
    ["2h", 7200],
    ["1h0m1s", 3601],
    ["0s", 0],
    ["1s1m", undefined],
    ["1.5m", undefined],
    ["5", undefined],
    ["5m\n", undefined],
    ["", undefined],
  ];
  for (const [text, seconds] of table) {
    it(`${JSON.stringify(text)} is ${seconds ?? "none"}`, () => expect(durationSeconds(text)).toBe(seconds));
  }
});
