import { describe, expect, it } from "bun:test";
import { type LimitTexts, limitedResources, limitLines, readLimits } from "./limits.ts";

describe("limits of a container", () => {
  const resources = (texts: LimitTexts) => {
    const limits = readLimits(texts);
    return "wrong" in limits ? limits : limitedResources(limits);
  };
  const table: [what: string, texts: LimitTexts, resources: ReturnType<typeof resources>][] = [
    ["none are nothing at all, as in the reference", {}, {}],
    [
      "memory is also the most of memory and swap together",
      { memory: "64Mi" },
      { memory: { limit: 67_108_864, swap: 67_108_864 } },
    ],
    ["half a processor is 50 of every 100 ms", { cpu: "500m" }, { cpu: { quota: 50_000, period: 100_000 } }],
    ["one and a half", { cpu: "1.5" }, { cpu: { quota: 150_000, period: 100_000 } }],
    ["the least of a processor", { cpu: "10m" }, { cpu: { quota: 1000, period: 100_000 } }],
    ["processes", { pids: "100" }, { pids: { limit: 100 } }],
    ["memory that is none", { memory: "much", cpu: "1" }, { wrong: "memory" }],
    ["processors that are none", { cpu: "" }, { wrong: "cpu" }],
    ["no processes", { pids: "0" }, { wrong: "pids" }],
    ["a part of a process", { pids: "1.5" }, { wrong: "pids" }],
  ];
  for (const [what, texts, expected] of table) it(what, () => expect(resources(texts)).toEqual(expected));

  it("are lines of the environment file, those that are set", () => {
    expect(limitLines({ pids: "100", memory: "64Mi" })).toBe("CTR_MEMORY=64Mi\nCTR_PIDS=100\n");
    expect(limitLines({})).toBe("");
  });
});
