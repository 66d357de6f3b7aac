import { describe, expect, it } from "bun:test";
import { chooseListed, parseOffers } from "./choice.ts";

const entry = (version: string, max = version) => ({
  variant: "v",
  arch: "x86_64",
  version,
  max_version: max,
});
const offers = (...entries: object[]) => parseOffers(JSON.stringify(entries));
const none = new Map();

describe("the update that is chosen (updates 8.5)", () => {
  const table: readonly [what: string, list: object[], lock: string, chosen: string | undefined][] = [
    ["latest: the first that is higher", [entry("1.13.0"), entry("1.12.0")], "latest", "1.13.0"],
    [
      "latest: not what runs, nor what is lower",
      [entry("1.11.1"), entry("1.10.0", "1.12.0")],
      "latest",
      undefined,
    ],
    ["latest: also a lower one, when what runs is above its maximum", [entry("1.11.0")], "latest", "1.11.0"],
    ["a lock: that version, higher", [entry("1.13.0"), entry("1.12.0")], "v1.12.0", "1.12.0"],
    ["a lock: that version, lower", [entry("1.13.0"), entry("1.10.0", "1.13.0")], "1.10.0", "1.10.0"],
    ["a lock on what runs: none", [entry("1.13.0"), entry("1.11.1")], "1.11.1", undefined],
    ["a lock on what is not there: none, and never the closest", [entry("1.13.0")], "1.12.9", undefined],
    ["nothing offered: none", [], "latest", undefined],
  ];
  for (const [what, list, lock, chosen] of table) {
    it(what, () => {
      const choice = chooseListed(offers(...list), "1.11.1", lock, none);
      expect(choice.chosen?.version).toBe(chosen as string);
      expect(choice.refused).toBeNull();
    });
  }

  it("a lock that is no version is an error", () => {
    expect(() => chooseListed([], "1.11.1", "banana", none)).toThrow(
      '"banana" is not a version such as 1.11.1',
    );
  });
});

describe("a version that is refused", () => {
  const list = offers(entry("1.13.0"), entry("1.12.0"));
  const choice = (lock: string, ...refused: string[]) => {
    const reasons = new Map(refused.map((version) => [version, { reason: "it hung" }]));
    const { chosen, refused: kept } = chooseListed(list, "1.11.1", lock, reasons);
    return [chosen?.version, kept?.image.version];
  };

  it("gives way to the next one that suits, and is told", () => {
    expect(choice("latest", "1.13.0")).toEqual(["1.12.0", "1.13.0"]);
    expect(choice("latest", "1.13.0", "1.12.0")).toEqual([undefined, "1.13.0"]);
    expect(choice("1.13.0", "1.13.0")).toEqual([undefined, "1.13.0"]);
  });

  it("is told with its reason, and how to have it nevertheless", () => {
    const reasons = new Map([["1.13.0", { reason: "it hung" }]]);
    expect(chooseListed(list, "1.11.1", "latest", reasons).refused?.says).toBe(
      "1.13.0 is not taken, because this host has tried it: it hung. To take it nevertheless: apiclient update apply --retry",
    );
  });

  it("is not told where it would not have been chosen anyway", () => {
    expect(choice("latest", "1.12.0")).toEqual(["1.13.0", undefined]);
    expect(choice("1.12.0", "1.13.0")).toEqual(["1.12.0", undefined]);
  });
});

describe("what updog lists", () => {
  const table: readonly [what: string, text: string, says: string][] = [
    ["an object", "{}", "it is not a list"],
    ["an entry that is none", "[7]", "[0] is not an object"],
    ["an entry without a variant", '[{"arch":"a","version":"1.0.0"}]', "[0].variant is not a string"],
    ["a version that is none", '[{"arch":"a","variant":"v","version":"1.0"}]', '"1.0" is not a version'],
  ];
  for (const [what, text, says] of table) {
    it(`is refused as a whole with ${what}`, () => expect(() => parseOffers(text)).toThrow(says));
  }

  it("may have fields that nobody here knows", () => {
    expect(offers({ ...entry("1.12.0"), waves: {}, images: {}, more: 1 }).map(({ image }) => image)).toEqual([
      { variant: "v", arch: "x86_64", version: "1.12.0" },
    ]);
  });
});
