/** What counts as an executable, what names one, and what is said of one that nothing names. */
import { afterAll, describe, expect, it } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { executablesIn, pathsNamedByLists, unnamedExecutables } from "./executables.ts";
import { parsePackageList } from "./package-lists.ts";
import { checkRoot } from "./root-rules.ts";

const tree = mkdtempSync(join(tmpdir(), "pinwheel-executables-"));
afterAll(() => rmSync(tree, { recursive: true }));

const elf = "\x7fELF and so on";
const files: [path: string, text: string, mode: number][] = [
  ["usr/bin/true", elf, 0o755],
  ["usr/lib/libc.so.6", elf, 0o755],
  ["usr/lib/notes.so", "#!/bin/sh\n", 0o644],
  ["usr/lib/systemd/system/a.service", "[Unit]\n", 0o644],
  ["usr/share/odd", "a text with the mode of a program", 0o755],
  ["usr/share/script", "#! /usr/bin/true -x\n", 0o644],
];
for (const [path, text, mode] of files) {
  mkdirSync(join(tree, dirname(path)), { recursive: true });
  writeFileSync(join(tree, path), text, "latin1");
  chmodSync(join(tree, path), mode);
}
symlinkSync("usr/bin", join(tree, "bin"));
symlinkSync("true", join(tree, "usr/bin/sh"));
symlinkSync("/etc/alternatives/nothing", join(tree, "usr/bin/nowhere"));

describe("the executables of a tree", () => {
  it("are programs, scripts whatever their mode, and links to them; libraries are none", async () => {
    expect(await executablesIn(tree)).toEqual([
      { path: "usr/bin/sh", kind: "link", interpreter: undefined },
      { path: "usr/bin/true", kind: "program", interpreter: undefined },
      { path: "usr/lib/notes.so", kind: "script", interpreter: "/bin/sh" },
      { path: "usr/share/odd", kind: "program", interpreter: undefined },
      { path: "usr/share/script", kind: "script", interpreter: "/usr/bin/true" },
    ]);
  });

  it("break the rules by a forbidden name, of a link too, and by an interpreter that is not there", async () => {
    const rules = { forbidden: ["sh", "odd*"] };
    await expect(checkRoot(tree, await executablesIn(tree), rules)).rejects.toThrow(
      "The root tree breaks the variant's rules:\n" +
        'usr/bin/sh: forbidden by "sh"\n' +
        'usr/share/odd: forbidden by "odd*"',
    );
    rmSync(join(tree, "usr/bin/sh"));
    await expect(checkRoot(tree, await executablesIn(tree), { forbidden: [] })).rejects.toThrow(
      "usr/lib/notes.so: needs /bin/sh, which is not in the image",
    );
  });
});

describe("a name for an executable", () => {
  const lists = parsePackageList(
    `[coreutils]\nkeep = ["usr/bin/{true,false}", "usr/share/*"]\nlinks = ["usr/bin/{yes,no} -> true"]\n`,
    "test.toml",
    [],
  );

  it("is its whole path, in a list or as a link; a glob names nothing", () => {
    expect([...pathsNamedByLists(lists)].sort()).toEqual([
      ...["usr/bin/false", "usr/bin/no", "usr/bin/true", "usr/bin/yes"],
    ]);
  });

  it("is missed with a sentence on where the executable comes from", () => {
    const coreutils = { name: "coreutils", files: ["usr/bin/true", "usr/share/odd"] };
    const libc = { name: "libc6", files: ["usr/lib/runs"] };
    const about = { version: "1", architecture: "amd64", source: "", homepage: "", summary: "" };
    const executables = ["usr/bin/true", "usr/lib/runs", "usr/share/odd", "usr/sbin/else"].map((path) => ({
      path,
      kind: "program" as const,
      interpreter: undefined,
    }));
    const packages = [coreutils, libc].map((each) => ({ ...about, ...each }));
    expect(unnamedExecutables(executables, pathsNamedByLists(lists), lists, packages)).toEqual([
      "usr/lib/runs (a program): from the package libc6, kept as something that another file needs",
      "usr/share/odd (a program): from the package coreutils, kept by the glob usr/share/*",
      "usr/sbin/else (a program): from no package; the build itself put it there",
    ]);
  });
});
