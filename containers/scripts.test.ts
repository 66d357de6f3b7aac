/** The shell scripts of this room, inside images and for building them, as ShellCheck sees them. */
import { expect, it } from "bun:test";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureSdk, progressLines } from "../sdk/index.ts";

const HERE = import.meta.dirname;

it("ShellCheck finds nothing in any script, those that others read in included", async () => {
  const entries = await readdir(HERE, { recursive: true, withFileTypes: true });
  const programs: string[] = [];
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    if (/^#!\/bin\/(ba)?sh\n/.test(await readFile(path, "utf8"))) programs.push(path);
  }
  expect(programs.length).toBe(6);
  const sdk = await ensureSdk(progressLines());
  const readable = [HERE];
  expect(
    await sdk.run(["shellcheck", "--check-sourced", "--external-sources", ...programs], { readable }),
  ).toBe("");
  expect(await sdk.run(["shellcheck", "--shell=sh", join(HERE, "packages.sh")], { readable })).toBe("");
});
