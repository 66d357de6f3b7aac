import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { isReady, readyAt, SEEDS, type Waves, waveOf, waveOutOfOrder } from "./waves.ts";

const MS = 1_000_000n;
const T = 1_900_000_000_000n * MS;

function waves(...bounds: [seed: number, afterMs: number][]): Waves {
  return new Map(bounds.map(([seed, afterMs]) => [seed, T + BigInt(afterMs) * MS]));
}
const readyMs = (seed: number, of: Waves, afterMs: number) => isReady(seed, of, T + BigInt(afterMs) * MS);

describe("when the wave of a seed opens", () => {
  test("Check 9: waves {0:T, 2048:T+2048 ms} open for seed n at T+n ms; seed 0 is ready long before", () => {
    const even = waves([0, 0], [2048, 2048]);
    expect(readyMs(100, even, 99)).toBe(false);
    expect(readyMs(100, even, 100)).toBe(true);
    expect(readyMs(0, even, -3_600_000)).toBe(true);
    for (const seed of [1, 2, 1000, 2047]) expect(readyAt(seed, even)).toBe(T + BigInt(seed) * MS);
  });

  const uneven = waves([0, 0], [50, 200], [100, 1024], [1024, 4096]);
  test("Check 10: seed 60 waits for the end of its wave, seed 148 for 148 times its wave's time per seed", () => {
    expect(readyMs(60, uneven, 1023)).toBe(false);
    expect(readyMs(60, uneven, 1024)).toBe(true);
    expect(readyMs(148, uneven, 1515)).toBe(false);
    expect(readyMs(148, uneven, 1517)).toBe(true);
  });
  // The worked example of specification "updates" 6.2, to the nanosecond; 3072 ms / 924 is 3324675 ns, truncated.
  const worked: [seed: number, opensNs: bigint | undefined][] = [
    [0, undefined],
    [1, 4n * MS],
    [30, 120n * MS],
    [50, 200n * MS],
    [51, 1024n * MS],
    [60, 1024n * MS],
    [100, 1024n * MS],
    [101, 1024n * MS + 101n * 3_324_675n],
    [148, 1024n * MS + 148n * 3_324_675n],
    [1024, 4096n * MS],
    [1025, 4096n * MS],
    [2047, 4096n * MS],
  ];
  for (const [seed, opensNs] of worked) {
    test(`seed ${seed} of waves {0: T, 50: T+200 ms, 100: T+1024 ms, 1024: T+4096 ms}`, () => {
      expect(readyAt(seed, uneven)).toBe(opensNs === undefined ? undefined : T + opensNs);
    });
  }

  test("Check 11: seed 3000 belongs behind the last bound", () => {
    expect(readyAt(3000, uneven)).toBe(T + 4096n * MS);
    expect(readyAt(3000, waves([0, 0], [2048, 2048]))).toBe(T + 2048n * MS);
    expect(readyAt(3000, new Map())).toBeUndefined();
  });

  test("a seed that equals a bound belongs to the wave that ends there", () => {
    expect(waveOf(50, uneven)).toMatchObject({ kind: "general", start: { seed: 0 }, end: { seed: 50 } });
    expect(waveOf(51, uneven)).toMatchObject({ kind: "general", start: { seed: 50 }, end: { seed: 100 } });
  });

  test("bounds above 2048 are ignored; 2048 is not", () => {
    expect(waveOf(5, waves([2048, 1]))).toEqual({ kind: "initial" });
    expect(waveOf(5, waves([2049, 1]))).toEqual({ kind: "none" });
    expect(waveOf(5, waves([0, 0], [2049, 1]))).toMatchObject({ kind: "last", start: { seed: 0 } });
  });

  test("no host is ready before its wave starts or waits beyond its end, whatever the bounds", () => {
    const bounds = fc
      .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 2048 }), fc.integer({ min: 0, max: 10 ** 9 })), {
        selector: ([, after]) => after,
        minLength: 1,
        maxLength: 8,
      })
      .map((pairs) => {
        const seeds = [...new Set(pairs.map(([seed]) => seed))].sort((a, b) => a - b);
        const times = pairs.map(([, after]) => after).sort((a, b) => a - b);
        return waves(...seeds.map((seed, index): [number, number] => [seed, times[index] ?? 0]));
      });
    fc.assert(
      fc.property(bounds, fc.integer({ min: 0, max: SEEDS - 1 }), (of, seed) => {
        const wave = waveOf(seed, of);
        const at = readyAt(seed, of);
        if (wave.kind === "initial" || wave.kind === "none") expect(at).toBeUndefined();
        else {
          expect(at).toBeGreaterThanOrEqual(wave.start.time);
          if (wave.kind === "general") expect(at).toBeLessThanOrEqual(wave.end.time);
        }
      }),
    );
  });

  test("times that do not increase with the bounds are found, equal ones too", () => {
    expect(waveOutOfOrder(uneven)).toBeUndefined();
    expect(waveOutOfOrder(waves([20, 5], [0, 5]))).toMatchObject({
      before: { seed: 0 },
      after: { seed: 20 },
    });
  });
});
