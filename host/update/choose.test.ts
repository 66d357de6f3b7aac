import { describe, expect, it } from "bun:test";
import { candidates, chooseUpdate, parseVersionLock, type Wish } from "./choose.ts";
import type { Update } from "./manifest.ts";
import { parseVersion, type Version } from "./version.ts";

const NOW = 1_000_000_000_000_000_000n;

function version(text: string): Version {
  const parsed = parseVersion(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

/** `VERSION` or `VERSION<=MAX`. */
function update(text: string, more: Partial<Update> = {}): Update {
  const [own = "", max = own] = text.split("<=");
  const images = { boot: `b${own}`, root: `r${own}`, hash: `h${own}` };
  const waves = new Map<number, bigint>();
  return {
    variant: "v",
    arch: "x86_64",
    version: version(own),
    maxVersion: version(max),
    waves,
    images,
    ...more,
  };
}

const seeker = { variant: "v", arch: "x86_64", seed: 100, ignoreWaves: false, now: NOW };

const names = (updates: readonly Update[]) => updates.map(({ version: { text } }) => text);

function chosen(updates: readonly Update[], running: string, wish: Wish | undefined, refused = new Map()) {
  if (wish === undefined) throw new Error("no wish");
  return chooseUpdate(candidates(updates, seeker), version(running), wish, refused).update?.version.text;
}

const latest = parseVersionLock("latest");
const image = (text: string): Wish => ({ kind: "image", version: version(text) });

describe("candidates", () => {
  it("are of the host's variant and architecture, at most their own maximum, the highest first (Check 14)", () => {
    const updates = [
      update("1.13.0"),
      update("1.15.0"),
      update("1.16.0", { arch: "aarch64" }),
      update("1.17.0", { variant: "other" }),
      update("1.25.0<=1.20.0"),
      update("1.15.0-rc.1<=1.20.0"),
    ];
    expect(names(candidates(updates, seeker))).toEqual(["1.15.0", "1.15.0-rc.1", "1.13.0"]);
  });

  it("wait for the host's wave, unless waves are ignored; seeds that no host is given belong to the last (Check 11)", () => {
    const waves = new Map([
      [0, NOW],
      [2048, NOW + 2048_000_000n],
    ]);
    const updates = [update("1.1.0", { waves })];
    const at = (seed: number, ms: bigint, ignoreWaves = false) =>
      candidates(updates, { ...seeker, seed, ignoreWaves, now: NOW + ms * 1_000_000n }).length;
    expect([at(100, 99n), at(100, 100n), at(100, 0n, true)]).toEqual([0, 1, 1]);
    expect([at(3000, 2047n), at(3000, 2048n)]).toEqual([0, 1]);
  });
});

describe("the update that is taken", () => {
  const four = [
    update("1.13.0"),
    update("1.15.0"),
    update("1.16.0", { arch: "aarch64" }),
    update("1.25.0<=1.20.0"),
  ];
  const table: [
    says: string,
    updates: readonly Update[],
    running: string,
    Wish | undefined,
    string | undefined,
  ][] = [
    ["Check 14: the highest, from below", four, "1.10.0", latest, "1.15.0"],
    [
      "Check 14: none, if only one above its maximum is there",
      [update("1.25.0<=1.20.0")],
      "1.18.0",
      latest,
      undefined,
    ],
    ["the version that runs is none", [update("1.15.0")], "1.15.0", latest, undefined],
    ["what is lower is none", [update("1.15.0<=1.16.0")], "1.16.0", latest, undefined],
    [
      "Check 15: the highest there is, when a withdrawn version runs",
      [update("0.1.1<=0.1.2"), update("0.1.2")],
      "0.1.3",
      latest,
      "0.1.2",
    ],
    ["Check 16: the locked version, up", four, "1.10.0", parseVersionLock("v1.13.0"), "1.13.0"],
    ["Check 16: the locked version, down", four, "1.15.0", parseVersionLock("1.13.0"), "1.13.0"],
    ["Check 16: none, when the locked version runs", four, "1.13.0", parseVersionLock("1.13.0"), undefined],
    [
      "none, when the locked version is not there: never the closest",
      four,
      "1.10.0",
      parseVersionLock("v1.14.0"),
      undefined,
    ],
    ["Check 16: --image, down", four, "1.15.0", image("1.13.0"), "1.13.0"],
    ["--image, also what runs already", four, "1.15.0", image("1.15.0"), "1.15.0"],
    ["--image, but not above the maximum", four, "1.15.0", image("1.25.0"), undefined],
    ["build metadata makes another version", [update("1.2.3+a")], "1.2.3", latest, "1.2.3+a"],
  ];
  for (const [says, updates, running, wish, expected] of table) {
    it(says, () => expect(chosen(updates, running, wish)).toBe(expected));
  }

  it("is not one that this host refuses: the next one instead, and what was passed over is told", () => {
    const refused = new Map([["1.15.0", { reason: "its health checks failed" }]]);
    const among = candidates(four, seeker);
    const choice = chooseUpdate(among, version("1.10.0"), { kind: "latest" }, refused);
    expect(choice.update?.version.text).toBe("1.13.0");
    expect(choice.passedOver).toEqual([{ version: "1.15.0", reason: "its health checks failed" }]);
    expect(chooseUpdate(among, version("1.13.0"), image("1.15.0"), refused)).toEqual({
      update: undefined,
      passedOver: [{ version: "1.15.0", reason: "its health checks failed" }],
    });
  });
});

describe("a version lock", () => {
  it("is latest, or a whole version with or without v", () => {
    expect(latest).toEqual({ kind: "latest" });
    expect(parseVersionLock("v1.1.0-rc.1")).toEqual({ kind: "lock", version: version("1.1.0-rc.1") });
    for (const text of ["banana", "", "v", "1.2", "vv1.2.3", "Latest"])
      expect(parseVersionLock(text)).toBeUndefined();
  });
});
