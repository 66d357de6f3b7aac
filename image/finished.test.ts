import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { appendFile, mkdtemp, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isFinished, markFinished } from "./finished.ts";

let parent: string;
let directory: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "pinwheel-finished-"));
  const unfinished = await mkdtemp(join(parent, "unfinished-"));
  directory = join(parent, "outputs");
  for (const name of ["disk.img", "root.lz4"]) await writeFile(join(unfinished, name), "content");
  await markFinished(unfinished, "key");
  await rename(unfinished, directory);
});
afterEach(() => rm(parent, { recursive: true }));

describe("the outputs of a build", () => {
  it("are used again while they are what the build left", async () => {
    expect(await isFinished(directory, "key")).toBe(true);
  });

  const made: [situation: string, change: () => Promise<unknown>][] = [
    ["one of them is missing", () => rm(join(directory, "root.lz4"))],
    ["one of them was cut off", () => writeFile(join(directory, "disk.img"), "con")],
    ["one of them grew", () => appendFile(join(directory, "disk.img"), "more")],
    ["a machine wrote into the image", () => utimes(join(directory, "disk.img"), 1, 1)],
    ["they were never finished", () => rm(join(directory, ".key"))],
  ];
  for (const [situation, change] of made) {
    it(`are made again when ${situation}`, async () => {
      await change();
      expect(await isFinished(directory, "key")).toBe(false);
    });
  }

  it("are made again for other inputs", async () => {
    expect(await isFinished(directory, "other key")).toBe(false);
  });
});
