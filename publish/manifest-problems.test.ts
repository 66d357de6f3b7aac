import { expect, test } from "bun:test";
import { parseManifest } from "../host/update/index.ts";
import { updateProblems } from "./validate.ts";

test("a manifest's bounds, waves, versions and chain of migrations are looked at before hosts stumble over them", () => {
  const update = (version: string, waves: object) => ({
    variant: "metal-dev",
    arch: "x86_64",
    version,
    max_version: "1.2.0",
    waves,
    images: { boot: "b", root: "r", hash: "h" },
  });
  const text = JSON.stringify({
    updates: [
      update("1.0.0", {}),
      update("1.1.0", {
        0: "2031-05-01T08:00:00Z",
        20: "2031-05-01T08:00:00Z",
        4000: "2031-05-02T08:00:00Z",
      }),
      update("1.1.0", {}),
      { ...update("1.2.0", {}), arch: "aarch64" },
    ],
    migrations: { "(1.0.0, 1.0.5)": [] },
  });
  expect(updateProblems(parseManifest("manifest.json", text))).toEqual([
    "1.0.0 of metal-dev for x86_64: the migrations to 1.1.0 end at 1.0.5",
    "1.0.0 of metal-dev for x86_64: the migrations to 1.1.0 end at 1.0.5",
    "1.1.0 of metal-dev for x86_64: the wave at bound 20 opens at 2031-05-01T08:00:00Z, not after that at 0",
    "1.1.0 of metal-dev for x86_64: no host has a seed at the bound 4000",
    "1.1.0 of metal-dev for x86_64 is there twice",
  ]);
});
