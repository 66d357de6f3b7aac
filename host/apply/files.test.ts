import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmod, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeChanged } from "./files.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "pinwheel-files-"));
});
afterEach(() => rm(directory, { recursive: true }));

describe("a configuration file has", () => {
  const table: [
    situation: string,
    declared: number | undefined,
    earlier: number | undefined,
    mode: string,
  ][] = [
    ["mode 0644 when it is new", undefined, undefined, "644"],
    ["the mode it had", undefined, 0o640, "640"],
    ["its own mode when it may hold a password", 0o600, undefined, "600"],
    ["its own mode, whatever it had", 0o600, 0o644, "600"],
  ];
  for (const [situation, declared, earlier, mode] of table) {
    test(situation, async () => {
      const path = join(directory, "proxy.env");
      if (earlier !== undefined) {
        await writeFile(path, "old");
        await chmod(path, earlier);
      }
      const rules = new Map([["proxy-env", { format: "env", mode: declared }]] as const);
      const { writtenPaths } = await writeChanged([{ name: "proxy-env", path, text: "new" }], rules);
      expect([...writtenPaths]).toEqual([path]);
      expect(((await stat(path)).mode & 0o7777).toString(8)).toBe(mode);
    });
  }
});
