import { expect, test } from "bun:test";
import { growthExponent } from "./growth.ts";

const counts = [50, 100, 200, 400, 800];
const table: [situation: string, ms: (count: number) => number, exponent: number][] = [
  ["flat", () => 3, 0],
  ["linear", (count) => count / 100, 1],
  ["quadratic", (count) => count ** 2, 2],
];
for (const [situation, ms, exponent] of table) {
  test(`times that are ${situation} grow with the exponent ${exponent}`, () => {
    expect(growthExponent(counts.map((count) => [count, ms(count)]))).toBeCloseTo(exponent, 10);
  });
}
