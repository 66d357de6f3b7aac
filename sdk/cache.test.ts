/** The cache of finished work: made once, found again, and what nobody uses any more goes. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cached } from "./cache.ts";

const before = process.env.XDG_CACHE_HOME;
let cache: string;

beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), "pinwheel-cache-"));
  process.env.XDG_CACHE_HOME = cache;
});

afterAll(async () => {
  if (before === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = before;
  await rm(cache, { recursive: true });
});

const make = (kind: string, key: string) =>
  cached(kind, key, (directory) => writeFile(join(directory, "made"), key));
const names = async (kind: string) => (await readdir(join(cache, "pinwheel", kind))).sort();

describe("the cache", () => {
  it("makes a directory once, and again only when asked", async () => {
    let made = 0;
    const count = async () => void made++;
    const first = await cached("once", "a", count);
    expect(await cached("once", "a", count)).toBe(first);
    expect(made).toBe(1);
    await cached("once", "a", count, true);
    expect(made).toBe(2);
  });

  it("keeps nothing of a directory whose making failed", async () => {
    const failing = cached("failed", "a", async (directory) => {
      await writeFile(join(directory, "half"), "");
      throw new Error("no space");
    });
    expect(failing).rejects.toThrow("no space");
    await failing.catch(() => undefined);
    expect(await names("failed")).toEqual([]);
  });

  it("drops what was not used for hours when it makes a new one, but keeps the four used last", async () => {
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);
    for (const [index, key] of ["a", "b", "c", "d", "e", "f"].entries()) {
      const directory = await make("pruned", key);
      await utimes(directory, hoursAgo(20 - index), hoursAgo(20 - index));
    }
    expect(await names("pruned")).toEqual(["c", "d", "e", "f"]);
    await make("pruned", "c"); // used again
    await make("pruned", "g");
    expect(await names("pruned")).toEqual(["c", "e", "f", "g"]);
  });

  it("drops nothing that was used minutes ago, however much there is", async () => {
    for (const key of ["a", "b", "c", "d", "e", "f"]) await make("busy", key);
    expect(await names("busy")).toEqual(["a", "b", "c", "d", "e", "f"]);
  });
});
