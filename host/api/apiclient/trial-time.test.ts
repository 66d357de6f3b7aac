import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { defaultTrialTime, trialSeconds } from "./trial-time.ts";

describe("the time of a trial", () => {
  const table: [text: string, seconds: number | undefined][] = [
    ["90s", 90],
    ["2m", 120],
    ["1h30m", 5400],
    ["1h1m1s", 3661],
    ["1s", 1],
    ["0s", undefined],
    ["24h", 86_400],
    ["24h1s", undefined],
    ["86400s", 86_400],
    ["86401s", undefined],
    ["1440m", 86_400],
    ["", undefined],
    ["90", undefined],
    ["1m1h", undefined],
    ["1.5m", undefined],
    ["-1s", undefined],
    ["2 m", undefined],
  ];
  for (const [text, seconds] of table) {
    const refusal = `--timeout is ${JSON.stringify(text)}; accepted: 1s to 24h, such as 90s, 2m or 1h30m`;
    it(`${JSON.stringify(text)} is ${seconds ?? "refused"}`, () =>
      expect(trialSeconds(text)).toBe(seconds ?? refusal));
  }

  it("is two minutes when none is given", () => expect(trialSeconds(defaultTrialTime)).toBe(120));

  it("of any text is 1 to 86400 whole seconds, or one sentence", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9hms]{0,8}$/)), (text) => {
        const seconds = trialSeconds(text);
        if (typeof seconds === "string") expect(seconds).toStartWith("--timeout is ");
        else expect(Number.isInteger(seconds) && seconds >= 1 && seconds <= 86_400).toBe(true);
      }),
    );
  });
});
