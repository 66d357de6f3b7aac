import { afterEach, beforeEach, expect, it } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commonNames, organization } from "../host/platform/trust/testing.ts";
import { takeAuthorities } from "./authorities.ts";

let tree: string;
const directory = () => join(tree, "usr/share/ca-certificates/mozilla");

beforeEach(async () => {
  tree = await mkdtemp(join(tmpdir(), "pinwheel-authorities-"));
  await mkdir(directory(), { recursive: true });
});
afterEach(() => rm(tree, { recursive: true }));

it("the files become one bundle in the order of their names, each certificate with its name before it", async () => {
  await writeFile(join(directory(), "b.crt"), organization.trimEnd()); // without a line break at its end
  await writeFile(join(directory(), "c.crt"), commonNames);
  await writeFile(join(directory(), "a.crt"), commonNames.replace("-----BEGIN", "# other words\n-----BEGIN"));
  expect(await takeAuthorities(tree)).toBe(
    `# Company Root, first\n${commonNames}\n# Nur Ämter GmbH\n${organization}\n# Company Root, first\n${commonNames}\n`,
  );
  expect(existsSync(join(tree, "usr/share/ca-certificates"))).toBe(false);
});

it("a file that is no certificate stops the build", async () => {
  await writeFile(join(directory(), "a.crt"), commonNames.slice(0, 200));
  await expect(takeAuthorities(tree)).rejects.toThrow(
    `The certificates in ${directory()} cannot be made into one bundle: PEM block 1 has no END line`,
  );
});
