import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { expandBraces, matcher } from "./globs.ts";
import { nothingKept } from "./package-lists.ts";
import {
  parseModuleDependencies,
  selectFiles,
  selectLinks,
  selectModules,
  withDependencies,
} from "./select.ts";

const kept = (keep: readonly string[]) => ({ ...nothingKept, keep });

const demo = {
  name: "demo",
  version: "1",
  architecture: "amd64",
  source: "demo",
  homepage: "",
  summary: "",
  files: ["usr/bin/[", "usr/bin/demo", "usr/bin/demo-extra", "usr/share/demo/a/b"],
};

describe("which files of a package stay", () => {
  const table: [what: string, pattern: string, files: readonly string[]][] = [
    ["a name stands for itself", "usr/bin/demo", ["usr/bin/demo"]],
    ["brackets stand for themselves", "usr/bin/[", ["usr/bin/["]],
    ["* matches within a name", "usr/bin/demo*", ["usr/bin/demo", "usr/bin/demo-extra"]],
    ["* does not cross directories", "usr/share/*", []],
    ["** does", "usr/share/**", ["usr/share/demo/a/b"]],
  ];
  for (const [what, pattern, files] of table) {
    it(what, () => expect(selectFiles(new Map([["demo", kept([pattern])]]), [demo]).files).toEqual(files));
  }

  it("every alternative must name a file, so that a typing mistake is found", () => {
    const { unmatched } = selectFiles(new Map([["demo", kept(["usr/bin/{demo,dmeo}"])]]), [demo]);
    expect(unmatched).toEqual(["demo: usr/bin/dmeo"]);
  });

  it("any pattern without a star and braces matches exactly itself", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (pattern, path) => {
        fc.pre(!/[*{}]/.test(pattern));
        expect(expandBraces(pattern)).toEqual([pattern]);
        expect(matcher(pattern)(path)).toBe(pattern === path);
      }),
    );
  });
});

describe("which kernel modules stay", () => {
  const dependencies = parseModuleDependencies(
    "kernel/a/top.ko: kernel/b/mid.ko kernel/c/low.ko\nkernel/b/mid.ko: kernel/c/low.ko\nkernel/c/low.ko:\n",
  );
  it("what a module needs comes along, before it", () => {
    expect(withDependencies(["kernel/a/top.ko"], dependencies)).toEqual([
      "kernel/c/low.ko",
      "kernel/b/mid.ko",
      "kernel/a/top.ko",
    ]);
  });
  it("a module left out stays out, unless another needs it", () => {
    const globs = { modules: ["{a,b}/*"], without: ["b/*"] };
    expect(selectModules(globs, dependencies).modules).toContain("kernel/b/mid.ko");
    expect(selectModules({ modules: ["{b,c}/*"], without: ["b/*"] }, dependencies).modules).toEqual([
      "kernel/c/low.ko",
    ]);
  });
});

describe("the links that Debian's alternatives would make", () => {
  const lists = (links: readonly string[]) => new Map([["demo", { ...kept([]), links }]]);
  it("are one for each alternative of the path", () => {
    const { links } = selectLinks(lists(["usr/sbin/{a,b}{,-save} -> multi"]));
    expect([...links]).toEqual([
      ["usr/sbin/a", "multi"],
      ["usr/sbin/a-save", "multi"],
      ["usr/sbin/b", "multi"],
      ["usr/sbin/b-save", "multi"],
    ]);
  });
  it("are refused by package and text when they are no link", () => {
    expect(selectLinks(lists(["usr/bin/sh"])).unreadable).toEqual(["demo: usr/bin/sh"]);
  });
});
