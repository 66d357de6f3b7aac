import { describe, expect, it } from "bun:test";
import { join } from "node:path";
import { BUNDLED, installedVersion } from "./own-parts.ts";

describe("the inventory's parts that are no extracted packages", () => {
  it("are complete: every package that is linked into the host programs is among them, and no other", async () => {
    // What the linker names as the sources of what it wrote, for those that are loaded late too.
    const { outputs } = await Bun.build({
      entrypoints: [join(import.meta.dirname, "../host/main.ts")],
      target: "bun",
      minify: true,
      splitting: true,
      sourcemap: "external",
    });
    const maps = await Promise.all(
      outputs.filter(({ kind }) => kind === "sourcemap").map((map) => map.text()),
    );
    const sources = maps.flatMap((map) => (JSON.parse(map) as { sources: readonly string[] }).sources);
    const linked = sources.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
    expect([...new Set(linked)].sort()).toEqual([...BUNDLED].sort());
  });

  const status =
    "Package: libc6-dev\nVersion: 1\n\nPackage: libc6\nStatus: install ok installed\nVersion: 2.41-12\n";
  it("have the version that is installed in the build environment", () => {
    expect(installedVersion(status, "libc6")).toBe("2.41-12");
    expect(installedVersion(status, "libc")).toBeUndefined();
  });
});
