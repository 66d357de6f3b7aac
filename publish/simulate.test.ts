import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { svgOfRollout } from "./draw-svg.ts";
import { drawRollout, percent } from "./draw-terminal.ts";
import { busiestHour, exactRollout, simulatedRollout, updatedBy, waveOutcomes } from "./simulate.ts";
import { parseWavePolicy } from "./wave-policy.ts";

const HOUR_NS = 3_600_000_000_000n;
const DAY_S = 86_400;
const file = join(import.meta.dirname, "policies/default-waves.toml");
const policy = parseWavePolicy(file, readFileSync(file, "utf8"));

/** The same numbers in every run, evenly spread: what is tested is not the machine's chance. */
function chance(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("the default policy with a host of every seed", () => {
  const rollout = exactRollout(policy);
  const shares: [afterS: number, hosts: number][] = [
    [0, 1], // seed 0 never waits
    [4 * 3600, 21],
    [DAY_S, 103],
    [2 * DAY_S, 308],
    [4 * DAY_S, 820],
    [6 * DAY_S - 1, 1229], // the hosts of wave 6 wait for its end
    [6 * DAY_S, 2048],
  ];
  for (const [afterS, hosts] of shares) {
    test(`has updated ${hosts} of 2048 after ${afterS} s`, () =>
      expect(updatedBy(rollout, afterS)).toBe(hosts));
  }
  test("has its busiest hour when the last wave opens", () => {
    expect(busiestHour(rollout)).toEqual({ fromS: 6 * DAY_S, hosts: 819 });
  });
  test("tells for each wave what it is asked for and what has updated just before the next one opens", () => {
    const outcomes = waveOutcomes(policy, rollout);
    expect(outcomes.map(({ bound, askedPercent, updated }) => [bound, askedPercent, updated])).toEqual([
      [0, 1, 20],
      [20, 5, 83],
      [102, 15, 206],
      [307, 40, 512],
      [819, 60, 820],
      [1228, 90, 1229],
      [1843, 100, 2048],
    ]);
  });
});

describe("a simulated fleet", () => {
  test("of a million hosts takes less than two seconds, and comes close to the exact shares", () => {
    const before = process.cpuUsage();
    const rollout = simulatedRollout(policy, 1_000_000, 0n, chance());
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(2);
    const exact = exactRollout(policy);
    for (const afterS of [4 * 3600, DAY_S, 2 * DAY_S, 5.5 * DAY_S]) {
      const shares = [updatedBy(rollout, afterS) / 1e6, updatedBy(exact, afterS) / 2048] as const;
      expect(Math.abs(shares[0] - shares[1])).toBeLessThan(0.003);
    }
  });
  test("that looks every two hours is at most two hours later", () => {
    const rollout = simulatedRollout(policy, 10_000, 2n * HOUR_NS, chance());
    expect(updatedBy(rollout, 6 * DAY_S + 7200)).toBe(10_000);
    expect(updatedBy(rollout, 6 * DAY_S + 3600)).toBeLessThan(10_000);
  });
});

describe("a drawn rollout", () => {
  const rollout = exactRollout(policy);
  const outcomes = waveOutcomes(policy, rollout);
  test("on a terminal is no wider than that, and has a line for every wave", () => {
    const lines = drawRollout(outcomes, rollout, 80).split("\n");
    for (const line of lines.slice(11)) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(80);
    expect(lines.slice(0, 3)).toEqual([
      "wave  opens      seeds  asked  updated  hosts",
      "   1    +1h       1–20    1 %      1 %     20",
      "   2    +4h     21–102    5 %    4.1 %     83",
    ]);
    expect(lines.at(-2)).toMatch(/^ {7}0 +3d +6d$/);
  });
  test("as SVG ends at the top right, has every wave, and takes any title", () => {
    const svg = svgOfRollout('<a & "b">', outcomes, rollout);
    expect(svg).toContain('<title>&lt;a &amp; "b"&gt;</title>');
    expect(svg.match(/class="wave"/g)).toHaveLength(7);
    expect(/<polyline class="share" points="([^"]*)"/.exec(svg)?.[1]?.split(" ").at(-1)).toBe("936.0,56.0");
  });
  test("shares are never rounded to none or all", () => {
    expect([percent(0, 9), percent(1, 1e6), percent(999_999, 1e6), percent(9, 9)]).toEqual([
      "0",
      "0.1",
      "99.9",
      "100",
    ]);
  });
});
