import { describe, expect, it } from "bun:test";
import { join } from "node:path";
import { BUNDLED, installedVersion } from "./own-parts.ts";
import { textsBelow } from "./sources.ts";

describe("the inventory's parts that are no extracted packages", () => {
  it("are complete: every package that the host programs import is among them", async () => {
    const sources = (await textsBelow(join(import.meta.dirname, "../host"))).map(String).join("\n");
    const imported = [...sources.matchAll(/^(?:import .*|\} )from "([a-z@][^":]*)";$/gm)].map(
      // Without what is imported of it: PACKAGE/lib.
      ([, name = ""]) => /^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name,
    );
    expect(imported.length).toBeGreaterThan(0);
    // "bun" is the runtime, a part of its own.
    const parts = new Set<string>([...BUNDLED, "bun"]);
    expect([...new Set(imported)].filter((name) => !parts.has(name))).toEqual([]);
  });

  const status =
    "Package: libc6-dev\nVersion: 1\n\nPackage: libc6\nStatus: install ok installed\nVersion: 2.41-12\n";
  it("have the version that is installed in the build environment", () => {
    expect(installedVersion(status, "libc6")).toBe("2.41-12");
    expect(installedVersion(status, "libc")).toBeUndefined();
  });
});
