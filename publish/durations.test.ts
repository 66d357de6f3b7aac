import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { durationText, parseDuration, parseMoment } from "./durations.ts";

const HOUR = 3_600_000_000_000n;

describe("relative times", () => {
  const accepted: [text: string, duration: bigint][] = [
    ["1 hour", HOUR],
    ["in 2 hours", 2n * HOUR],
    ["1 day", 24n * HOUR],
    ["in 7 days", 168n * HOUR],
    ["2 weeks", 336n * HOUR],
    ["0 days", 0n],
    ["30 minutes", HOUR / 2n],
  ];
  for (const [text, duration] of accepted) {
    test(`${JSON.stringify(text)} is one`, () => expect(parseDuration(text)).toBe(duration));
  }
  const refused = ["", "1", "hour", "-1 days", "1.5 days", "2 months", "1day", "constructor", "1 toString"];
  for (const text of [...refused, "99999999999999999999 weeks", "2031-05-01T08:00:00Z"]) {
    test(`${JSON.stringify(text)} is none`, () => expect(parseDuration(text)).toBeUndefined());
  }
  test("a moment is relative to now, or RFC 3339", () => {
    expect(parseMoment("in 1 day", 5n)).toBe(24n * HOUR + 5n);
    expect(parseMoment("1970-01-02T00:00:00+01:00", 5n)).toBe(23n * HOUR);
    for (const text of ["tomorrow", "1970-01-02", "2031-02-30T08:00:00Z", "2031-05-01T08:00:00"]) {
      expect(parseMoment(text, 5n)).toBeUndefined();
    }
  });
  test("any number of minutes, hours, days or weeks is its multiple", () => {
    const units = { minute: HOUR / 60n, hour: HOUR, day: 24n * HOUR, week: 168n * HOUR };
    const unit = fc.constantFrom(...(Object.keys(units) as (keyof typeof units)[]));
    fc.assert(
      fc.property(fc.nat(1000), unit, fc.boolean(), fc.constantFrom("", "in "), (count, name, many, word) => {
        expect(parseDuration(`${word}${count} ${name}${many ? "s" : ""}`)).toBe(BigInt(count) * units[name]);
      }),
    );
  });
  test("are told to people in days, hours and minutes", () => {
    expect([0n, HOUR / 60n, 25n * HOUR, 150n * HOUR, HOUR * 24n + HOUR / 4n].map(durationText)).toEqual([
      "0",
      "1m",
      "1d 1h",
      "6d 6h",
      "1d 15m",
    ]);
  });
});
