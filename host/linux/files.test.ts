import { describe, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  disk,
  listIfExists,
  NotSynced,
  readTextIfExists,
  replaceLink,
  temporaryName,
  temporaryNameIn,
  writeWhole,
} from "./files.ts";

async function withDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "pinwheel-files-"));
  try {
    await run(directory);
  } finally {
    await chmod(directory, 0o700);
    await rm(directory, { recursive: true, force: true });
  }
}

describe("writing a file whole", () => {
  for (const durable of [true, false]) {
    test(`replaces the content and sets the mode whatever the umask (durable: ${durable})`, async () => {
      await withDirectory(async (directory) => {
        const path = join(directory, "x");
        await writeFile(path, "old", { mode: 0o600 });
        await writeWhole(path, "new", { durable, mode: 0o666 });
        expect(await readFile(path, "utf8")).toBe("new");
        expect((await stat(path)).mode & 0o777).toBe(0o666);
        expect(await readdir(directory)).toEqual(["x"]);
      });
    });
  }

  test("leaves the old file and no temporary one when it fails", async () => {
    await withDirectory(async (directory) => {
      await mkdir(join(directory, "x", "not empty"), { recursive: true });
      await expect(writeWhole(join(directory, "x"), "new", { durable: true })).rejects.toThrow("EISDIR");
      expect(await readdir(join(directory, "x"))).toEqual(["not empty"]);
      expect(await readdir(directory)).toEqual(["x"]);
    });
  });

  test("tells apart that only the last sync failed", async () => {
    await withDirectory(async (directory) => {
      const path = join(directory, "x");
      const on = { ...disk, syncDirectory: () => Promise.reject(new Error("EIO")) };
      await expect(writeWhole(path, "new", { durable: true }, on)).rejects.toBeInstanceOf(NotSynced);
      expect(await readFile(path, "utf8")).toBe("new");
    });
  });
});

test("a link is replaced in one step and may be dangling", async () => {
  await withDirectory(async (directory) => {
    await replaceLink("a", join(directory, "link"));
    await replaceLink("b", join(directory, "link"));
    await writeFile(join(directory, "b"), "content");
    expect(await readTextIfExists(join(directory, "link"))).toBe("content");
    expect(await readdir(directory)).toEqual(["b", "link"]);
  });
});

test("what is absent is undefined, for files and directories", async () => {
  await withDirectory(async (directory) => {
    expect(await readTextIfExists(join(directory, "none"))).toBeUndefined();
    expect(await listIfExists(join(directory, "none"))).toBeUndefined();
    await expect(readTextIfExists(directory)).rejects.toThrow("EISDIR");
  });
});

test("temporary names are recognised as such", () => {
  expect(temporaryNameIn("/x").slice(3)).toMatch(temporaryName);
});
