/** Releases as they are published: what `pinwheel repo build` makes and refuses, and what is changed of one later. */
import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { frame, META, published, VARIANT } from "./testing.ts";

describe("pinwheel repo build", () => {
  test("Check 38: makes the tree of 12.1, with Unix seconds as versions and hashes before the targets' names", async () => {
    const before = Math.floor(Date.now() / 1000);
    using desk = await published();
    const { version } = desk.json("out", ...META, "timestamp.json").signed;
    expect(version).toBeGreaterThanOrEqual(before);
    expect(version).toBeLessThanOrEqual(Math.floor(Date.now() / 1000));
    expect(desk.list("out", ...META)).toEqual([
      "1.root.json",
      `${version}.snapshot.json`,
      `${version}.targets.json`,
      "timestamp.json",
    ]);
    const targets = desk.list("out", "targets");
    for (const name of targets) {
      const bytes = readFileSync(desk.path("out", "targets", name));
      expect(name.slice(0, 64)).toBe(createHash("sha256").update(bytes).digest("hex"));
    }
    const base = `pinwheel-${VARIANT}-x86_64-1.0.0-0123abcd`;
    const names = ["-boot.ext4.lz4", "-root.ext4.lz4", "-root.verity.lz4"].map((part) => base + part);
    expect(targets.map((name) => name.slice(65)).sort()).toEqual(["manifest.json", ...names].sort());
    const { timestamp, snapshot } = {
      timestamp: desk.json("out", ...META, "timestamp.json").signed,
      snapshot: desk.json("out", ...META, `${version}.snapshot.json`).signed,
    };
    expect(Object.keys(timestamp.meta)).toEqual(["snapshot.json"]);
    expect(Object.keys(timestamp.meta["snapshot.json"]).sort()).toEqual(["hashes", "length", "version"]);
    expect(Object.keys(snapshot.meta)).toEqual(["targets.json"]);
    const week = 604_800;
    for (const [file, weeks] of [
      ["timestamp.json", 1],
      [`${version}.snapshot.json`, 2],
      [`${version}.targets.json`, 2],
    ] as const) {
      const { expires } = desk.json("out", ...META, file).signed;
      expect(Date.parse(expires) / 1000 - version).toBe(weeks * week);
    }
  });

  test("Check 38: into the same directory again exits with a failure and changes nothing", async () => {
    using desk = await published();
    const before = [desk.list("out", ...META), desk.list("out", "targets")];
    await expect(desk.repo("build", VARIANT, "--out", desk.path("out"))).rejects.toThrow(
      `${desk.path("out", ...META)} exists already; what is published is never written over`,
    );
    expect([desk.list("out", ...META), desk.list("out", "targets")]).toEqual(before);
  });

  test("carries the build's migrations, and refuses one that is named and not there", async () => {
    using desk = await published("migrate_v1.0.0_a.lz4");
    expect(desk.list("out", "targets").map((name) => name.slice(65))).toContain("migrate_v1.0.0_a.lz4");
    await desk.build("1.1.0");
    desk.release("1.1.0", '"(1.0.0, 1.1.0)" = ["migrate_v1.0.0_a.lz4", "migrate_v1.1.0_b.lz4"]');
    const next = ["build", VARIANT, "--from", desk.path("out"), "--out", desk.path("next")] as const;
    await expect(desk.repo(...next)).rejects.toThrow(
      "The manifest names targets that are not there: migrate_v1.1.0_b.lz4",
    );
    expect(desk.list()).not.toContain("next");
    await desk.build("1.1.0", ["migrate_v1.1.0_b.lz4"]);
    await desk.repo(...next);
    expect(await desk.repo("validate", VARIANT, "--from", desk.path("next"))).toContain("is in order");
  });

  test("refuses a version twice, and one that hosts could not come to", async () => {
    using desk = await published();
    const next = ["build", VARIANT, "--from", desk.path("out"), "--out", desk.path("next")] as const;
    await expect(desk.repo(...next)).rejects.toThrow("1.0.0 of metal-dev for x86_64 is published already");
    await desk.build("1.1.0");
    desk.release("1.1.0", '"(0.9.0, 1.0.0)" = []');
    await expect(desk.repo(...next)).rejects.toThrow(
      "Hosts with 1.0.0 could not come to 1.1.0: no migration step leads on from 1.0.0",
    );
    expect(desk.list()).not.toContain("next");
  });

  test("Check 13: refuses a policy whose times descend, and writes nothing", async () => {
    using desk = await published();
    const wave = (after: string, percent: number) =>
      `[[waves]]\nstart_after = "${after}"\nfleet_percentage = ${percent}\n`;
    const file = desk.write("bad.toml", wave("2 days", 5) + wave("1 day", 10));
    await expect(desk.repo("build", VARIANT, "--out", desk.path("next"), "--waves", file)).rejects.toThrow(
      `${file}:4:1: waves[1]: start_after is not later than that of the wave before`,
    );
    expect(desk.list()).not.toContain("next");
  });

  test("refuses parts that are no LZ4 frames, and a directory without parts", async () => {
    using desk = await published();
    await desk.build("1.1.0");
    desk.release("1.1.0");
    const name = `pinwheel-${VARIANT}-x86_64-1.1.0-0123abcd-root.ext4.lz4`;
    desk.write(join("images", name), "plain");
    await expect(desk.repo("build", VARIANT, "--out", desk.path("next"))).rejects.toThrow(
      `${name} is no LZ4 frame: it begins with 706c61696e`,
    );
    desk.release("3.0.0");
    await expect(desk.repo("build", VARIANT, "--out", desk.path("next"))).rejects.toThrow(
      `${desk.images} lacks *-metal-dev-x86_64-3.0.0-*-boot.ext4.lz4`,
    );
    expect(desk.list()).not.toContain("next");
  });

  test("does not give a published name another content", async () => {
    using desk = await published("migrate_v1.0.0_a.lz4");
    await desk.build("1.1.0");
    desk.release("1.1.0", '"(1.0.0, 1.1.0)" = []');
    const other = desk.write("migrate_v1.0.0_a.lz4", frame("other"));
    const next = ["--from", desk.path("out"), "--out", desk.path("next"), "--target", other];
    await expect(desk.repo("build", VARIANT, ...next)).rejects.toThrow(
      "A target migrate_v1.0.0_a.lz4 is published already, with other content",
    );
    expect(desk.list("next")).toEqual(["targets"]);
  });

  test("has waves by the policy and start that are given; validity counts from now", async () => {
    using desk = await published();
    await desk.repo(
      "build",
      VARIANT,
      ...["--out", desk.path("next"), "--waves", "ohno", "--start", "2031-05-01T08:00:00+02:00"],
    );
    const manifest = desk.list("next", "targets").find((name) => name.endsWith(".manifest.json")) ?? "";
    expect(desk.json("next", "targets", manifest).updates[0].waves).toEqual({
      "0": "2031-05-01T06:30:00Z",
      "102": "2031-05-01T07:00:00Z",
      "512": "2031-05-01T08:00:00Z",
      "1024": "2031-05-01T08:30:00Z",
      "1843": "2031-05-01T09:00:00Z",
    });
    const { version, expires } = desk.json("next", ...META, "timestamp.json").signed;
    expect(Date.parse(expires) / 1000 - version).toBe(604_800);
  });
});

describe("a release's place in the fleet", () => {
  test("is changed by set-waves and set-max-version, and only for versions there are", async () => {
    using desk = await published();
    await desk.build("1.1.0");
    desk.release("1.1.0", '"(1.0.0, 1.1.0)" = []');
    const at = (name: string, from: string) => ["--from", desk.path(from), "--out", desk.path(name)];
    const manifestOf = (name: string) => {
      const { version } = desk.json(name, ...META, "timestamp.json").signed;
      const { targets } = desk.json(name, ...META, `${version}.targets.json`).signed;
      return desk.json(name, "targets", `${targets["manifest.json"].hashes.sha256}.manifest.json`);
    };
    const maxima = (name: string) =>
      manifestOf(name).updates.map((update: { max_version: string }) => update.max_version);
    await desk.repo("build", VARIANT, ...at("two", "out"));
    expect(maxima("two")).toEqual(["1.1.0", "1.1.0"]);
    await desk.repo("set-max-version", VARIANT, "v1.0.0", ...at("three", "two"));
    expect(maxima("three")).toEqual(["1.0.0", "1.0.0"]);
    const waves = ["--waves", "accelerated-waves", "--start", "2031-05-01T08:00:00Z"];
    await desk.repo("set-waves", VARIANT, "1.1.0", ...at("four", "three"), ...waves);
    const [first, second] = manifestOf("four").updates;
    expect(first.waves).toEqual(manifestOf("out").updates[0].waves);
    expect(second.waves["1638"]).toBe("2031-05-02T08:00:00Z");
    await expect(desk.repo("set-waves", VARIANT, "1.2.0", ...at("five", "four"))).rejects.toThrow(
      "1.2.0 of metal-dev for x86_64 is not in the repository; it has: 1.0.0, 1.1.0",
    );
    expect(await desk.repo("validate", VARIANT, "--from", desk.path("four"))).toContain("is in order");
  });
});
