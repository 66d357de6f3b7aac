import { afterEach, describe, expect, it } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { settleModes } from "./modes.ts";
import { makePrivateDirectory } from "./partitions.ts";
import { installUnits } from "./units.ts";

const before = process.umask();
const made: string[] = [];
afterEach(() => {
  process.umask(before);
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true });
});

const UNITS = join(import.meta.dirname, "../variants/shared/units");
const release = { variant: "v", arch: "x86_64", version: "1.0.0", buildId: "0", epoch: 1_700_000_000 };

/** Path → mode of everything below a directory, itself included. */
function modesBelow(directory: string): Record<string, string> {
  const paths = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    [directory, ...paths].map((path) => [
      relative(directory, path),
      (statSync(path).mode & 0o7777).toString(8),
    ]),
  );
}

function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), "pinwheel-modes-"));
  made.push(directory);
  return directory;
}

function smallTree(): string {
  const tree = temporary();
  for (const name of ["usr/bin", "usr/share/factory/etc", "usr/lib/systemd/system"])
    mkdirSync(join(tree, name), { recursive: true });
  const files = ["usr/bin/login", "usr/share/factory/etc/shadow", "usr/share/factory/etc/issue"];
  for (const name of files) writeFileSync(join(tree, name), "");
  return tree;
}

describe("an image has the same modes whatever the builder's umask", () => {
  for (const umask of [0o077, 0o002, 0o022]) {
    it(`with umask ${umask.toString(8)}: the root tree`, async () => {
      process.umask(umask);
      const tree = smallTree();
      await settleModes(tree);
      expect(modesBelow(tree)).toMatchObject({
        "": "755",
        usr: "755",
        "usr/bin": "755",
        "usr/bin/login": "755",
        "usr/share/factory/etc": "755",
        "usr/share/factory/etc/issue": "644",
        "usr/share/factory/etc/shadow": "600",
      });
    });

    it(`with umask ${umask.toString(8)}: the units, drop-ins included`, async () => {
      process.umask(umask);
      const tree = smallTree();
      // Links to the stock units lead nowhere here; ours are all installed before that is looked at.
      const missing = "The units in variants/shared/units have mistakes";
      await expect(installUnits(tree, UNITS, ["base", "containers"])).rejects.toThrow(missing);
      await settleModes(tree);
      const modes = new Set(
        Object.entries(modesBelow(tree))
          .filter(([path]) => path.includes("systemd"))
          .map(([path, mode]) => (/\.(service|target|conf)$/.test(path) ? `file ${mode}` : `other ${mode}`)),
      );
      expect([...modes].filter((mode) => mode.startsWith("file"))).toEqual(["file 644"]);
    });

    it(`with umask ${umask.toString(8)}: the private partition's files`, async () => {
      process.umask(umask);
      const directory = join(temporary(), "private");
      await makePrivateDirectory(directory, release);
      expect(modesBelow(directory)).toEqual({ "": "755", "bootconfig.data": "600" });
    });
  }

  it("nor what a checkout made of them: a program without its bit, a file with it, a set-user-ID bit", async () => {
    const tree = smallTree();
    chmodSync(join(tree, "usr/bin/login"), 0o600);
    chmodSync(join(tree, "usr/share/factory/etc/issue"), 0o666);
    chmodSync(join(tree, "usr/share"), 0o2775);
    writeFileSync(join(tree, "usr/lib/helper"), "");
    chmodSync(join(tree, "usr/lib/helper"), 0o4750);
    await settleModes(tree);
    expect(modesBelow(tree)).toMatchObject({
      "usr/bin/login": "755",
      "usr/share/factory/etc/issue": "644",
      "usr/share": "755",
      "usr/lib/helper": "755",
    });
  });
});
