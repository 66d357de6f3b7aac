import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { waveOutOfOrder } from "../host/update/index.ts";
import { parseExpirationPolicy } from "./expiration-policy.ts";
import { parseWavePolicy, wavesOf } from "./wave-policy.ts";

const MINUTE = 60_000_000_000n;
const HOUR = 60n * MINUTE;
const DAY = 24n * HOUR;
const START = 1_935_388_800_000_000_000n;

const directory = join(import.meta.dirname, "policies");
const shipped = (name: string) => readFileSync(join(directory, name), "utf8");
const policy = (...waves: [startAfter: string, percentage: string][]) =>
  waves
    .map(([after, percentage]) => `[[waves]]\nstart_after = ${after}\nfleet_percentage = ${percentage}\n`)
    .join("");

describe("the policies that come with the tool", () => {
  const profiles: [file: string, waves: [bound: number, after: bigint][]][] = [
    [
      "default-waves.toml",
      [
        [0, HOUR],
        [20, 4n * HOUR],
        [102, DAY],
        [307, 2n * DAY],
        [819, 4n * DAY],
        [1228, 5n * DAY],
        [1843, 6n * DAY],
      ],
    ],
    [
      "accelerated-waves.toml",
      [
        [0, HOUR],
        [61, 4n * HOUR],
        [245, 8n * HOUR],
        [819, 16n * HOUR],
        [1638, DAY],
      ],
    ],
    [
      "slow-roll.toml",
      [
        [0, HOUR],
        [20, DAY],
        [102, 3n * DAY],
        [307, 7n * DAY],
        [819, 9n * DAY],
        [1228, 12n * DAY],
        [1843, 13n * DAY],
      ],
    ],
    [
      "ohno.toml",
      [
        [0, 30n * MINUTE],
        [102, HOUR],
        [512, 2n * HOUR],
        [1024, 150n * MINUTE],
        [1843, 3n * HOUR],
      ],
    ],
  ];
  for (const [file, waves] of profiles) {
    test(`Check 12: ${file} has the bounds and times of section 15, counted from the release's start`, () => {
      const found = wavesOf(parseWavePolicy(file, shipped(file)), START);
      expect([...found]).toEqual(waves.map(([bound, after]) => [bound, START + after]));
      expect(waveOutOfOrder(found)).toBeUndefined();
    });
  }
  test("2w-2w-1w.toml: two weeks, two weeks, one week", () => {
    expect(parseExpirationPolicy("f", shipped("2w-2w-1w.toml"))).toEqual({
      snapshot: 14n * DAY,
      targets: 14n * DAY,
      timestamp: 7n * DAY,
    });
  });
  test("are all named here", () => {
    const named = [...profiles.map(([file]) => file), "2w-2w-1w.toml"];
    expect(readdirSync(directory).sort()).toEqual(named.sort());
  });
});

describe("a wave policy", () => {
  test("Check 13: minutes are accepted", () => {
    expect(parseWavePolicy("f", policy(['"30 minutes"', "5"]))).toEqual([
      { startAfter: 30n * MINUTE, fleetPercentage: 5 },
    ]);
  });
  test("bounds are those of single precision, for every percentage", () => {
    for (let percentage = 1; percentage <= 100; percentage++) {
      const waves = wavesOf(
        [
          { startAfter: 0n, fleetPercentage: percentage },
          { startAfter: 1n, fleetPercentage: 100 },
        ],
        0n,
      );
      const single = Math.fround(Math.fround(percentage / 100) * 2048);
      expect([...waves.keys()]).toEqual([0, Math.floor(single)]);
    }
  });

  const refused: [what: string, text: string, problem: string][] = [
    [
      "Check 13: 0 per cent",
      policy(['"1 hour"', "0"]),
      "p.toml:3:20: waves[0].fleet_percentage: found the integer 0; accepted: a whole number from 1 to 100",
    ],
    [
      "Check 13: 101 per cent",
      policy(['"1 hour"', "101"]),
      "p.toml:3:20: waves[0].fleet_percentage: found the integer 101; accepted: a whole number from 1 to 100",
    ],
    [
      "Check 13: descending times",
      policy(['"2 hours"', "1"], ['"1 hour"', "2"]),
      "p.toml:4:1: waves[1]: start_after is not later than that of the wave before; accepted: times that increase",
    ],
    [
      "equal percentages",
      policy(['"1 hour"', "5"], ['"2 hours"', "5"]),
      "p.toml:4:1: waves[1]: fleet_percentage is not higher than that of the wave before; accepted: percentages that increase",
    ],
    [
      "a time of the calendar",
      policy(["2031-05-01T08:00:00Z", "5"]),
      'p.toml:2:15: waves[0].start_after: found the date or time 2031-05-01T08:00:00Z; accepted: a time like "30 minutes", "1 hour", "in 2 days" or "1 week"',
    ],
    ["no wave", "", "p.toml: waves: missing; accepted: one or more tables [[waves]]"],
    ["what is no TOML", "waves = [", "p.toml:1:10: not readable as TOML: "],
    [
      "an unknown field",
      `speed = 1\n${policy(['"1 hour"', "5"])}`,
      "p.toml:1:1: speed: unknown field; accepted: waves",
    ],
  ];
  for (const [what, text, problem] of refused) {
    test(`${what} is refused with its place`, () => {
      expect(() => parseWavePolicy("p.toml", text)).toThrow(problem);
    });
  }
  test("an expiration policy with an unknown or missing key is refused, both told", () => {
    const text = 'snapshot_expiration = "1 day"\nroot_expiration = "1 day"\ntargets_expiration = "1 day"';
    expect(() => parseExpirationPolicy("e.toml", text)).toThrow(
      /^e\.toml:2:1: root_expiration: unknown field; .*\ne\.toml: timestamp_expiration: missing; accepted: a time like/,
    );
  });
});
