import { describe, expect, it } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRelease } from "./release.ts";

const TOP = join(import.meta.dirname, "..");
const EPOCH = Date.UTC(2026, 11, 24) / 1000;

async function read(text: string | undefined) {
  const directory = mkdtempSync(join(tmpdir(), "pinwheel-release-"));
  const file = join(directory, "next.toml");
  try {
    if (text !== undefined) writeFileSync(file, text);
    return await readRelease(TOP, "metal-dev", "x86_64", file);
  } catch (thrown) {
    throw new Error(String((thrown as Error).message).replaceAll(`${directory}/`, ""));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe("what a build is a release of", () => {
  it("is the checkout's version and commit, or another version of the same commit", async () => {
    const here = await readRelease(TOP, "metal-dev", "x86_64");
    const next = await read('version = "1.12.0"\ndate = 2026-12-24T00:00:00Z\n[migrations]\n');
    expect(next).toEqual({ ...here, version: "1.12.0", epoch: EPOCH });
  });

  const refused: [what: string, text: string | undefined, says: string][] = [
    [
      "a version that hosts could not compare",
      'version = "1.12"\ndate = 2026-12-24\n',
      "next.toml: version is 1.12; accepted: N.N.N",
    ],
    ["no date", 'version = "1.12.0"\n', "next.toml: date is undefined; accepted: a date"],
    ["what is no TOML", "version\n", "The release file next.toml cannot be read: "],
    ["a file that is not there", undefined, "The release file next.toml cannot be read: ENOENT"],
  ];
  for (const [what, text, says] of refused) {
    it(`${what} is refused by name`, async () => {
      await expect(read(text)).rejects.toThrow(says);
    });
  }
});
