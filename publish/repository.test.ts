/** Repositories as they are published: made by the commands, and read by the client that hosts use. */
import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Updater } from "tuf-js";
import { Desk, frame, serve, VARIANT } from "./testing.ts";

const META = [VARIANT, "x86_64"] as const;

/** A desk with one release, in `out`. */
async function published(...migrations: readonly string[]): Promise<Desk> {
  const desk = new Desk();
  await desk.start();
  await desk.build("1.0.0", migrations);
  desk.release("1.0.0");
  await desk.repo("build", VARIANT, "--out", desk.path("out"));
  return desk;
}

/** A host's client that trusts a root role, with directories of its own. */
function clientOf(desk: Desk, name: string, root: string, url: string): Updater {
  mkdirSync(desk.path(name));
  writeFileSync(desk.path(name, "root.json"), readFileSync(root));
  return new Updater({
    metadataDir: desk.path(name),
    metadataBaseUrl: `${url}/${META.join("/")}`,
    targetDir: desk.path(name),
    targetBaseUrl: `${url}/targets`,
  });
}

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

describe("the client of hosts", () => {
  test("takes a repository from a web server, over two changes of keys, from the first root role on", async () => {
    using desk = await published();
    const first = readFileSync(desk.path("root.json"));
    desk.write("first.json", first);
    await desk.repo("rotate", "--new-root-key", desk.path("root2.pem"), "--type", "ecdsa");
    await desk.repo(
      "rotate",
      ...["--root-key", desk.path("root2.pem"), "--new-signing-key", desk.path("sign2.pem"), "--type", "rsa"],
    );
    await desk.build("1.1.0");
    desk.release("1.1.0", '"(1.0.0, 1.1.0)" = []');
    const next = ["--from", desk.path("out"), "--out", desk.path("next")];
    await expect(desk.repo("build", VARIANT, ...next)).rejects.toThrow("may not sign snapshot");
    await desk.repo("build", VARIANT, ...next, "--key", desk.path("sign2.pem"));
    expect(desk.list("next", ...META).slice(0, 1)).toEqual(["1.root.json"]);

    using old = serve(desk.path("out"));
    using server = serve(desk.path("next"));
    const client = clientOf(desk, "old-host", desk.path("first.json"), server.url);
    await client.refresh();
    expect(desk.json("old-host", "root.json").signed.version).toBe(3);
    const name = `pinwheel-${VARIANT}-x86_64-1.1.0-0123abcd-root.ext4.lz4`;
    const info = await client.getTargetInfo(name);
    if (info === undefined) throw new Error(`${name} is no target`);
    const fetched = await client.downloadTarget(info, desk.path("fetched"));
    expect(readFileSync(fetched)).toEqual(readFileSync(join(desk.images, name)));
    expect(server.asked.filter((path) => path.includes("root.json"))).toEqual(
      [2, 3, 4].map((version) => `/${META.join("/")}/${version}.root.json`),
    );
    // What trusts the newest root role alone does not take what the old key signed.
    const newest = clientOf(desk, "new-host", desk.path("root.json"), old.url);
    await expect(newest.refresh()).rejects.toThrow("timestamp was signed by 0/1 keys");
  });

  test("finds nothing to object to in what validate calls in order, over HTTP and from disk", async () => {
    using desk = await published("migrate_v1.0.0_a.lz4");
    using server = serve(desk.path("out"));
    for (const base of [server.url, desk.path("out")]) {
      expect(await desk.repo("validate", VARIANT, "--from", base)).toMatch(
        /^(http|file):.*\/metal-dev\/x86_64\/ is in order\n$/,
      );
    }
    const targets = server.asked.filter((path) => path.startsWith("/targets/"));
    expect(new Set(targets).size).toBe(5); // three parts, a migration, the manifest
    desk.write(
      "Infra.toml",
      `[repo.default]\nmetadata_base_url = "${server.url}"\ntargets_url = "${server.url}/targets/"\n`,
    );
    expect(await desk.repo("validate", VARIANT)).toContain(server.url);
  });
});

describe("pinwheel repo validate", () => {
  test("Check 38: tells every target that was damaged, cut, extended or lost", async () => {
    using desk = await published("migrate_v1.0.0_a.lz4");
    const [first = "", second = "", third = "", fourth = ""] = desk
      .list("out", "targets")
      .filter((name) => !name.endsWith("manifest.json"));
    const path = (name: string) => desk.path("out", "targets", name);
    const bytes = readFileSync(path(first));
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    writeFileSync(path(first), bytes);
    writeFileSync(path(second), readFileSync(path(second)).subarray(1));
    appendFileSync(path(third), "x");
    await Bun.file(path(fourth)).delete();
    const failing = desk.repo("validate", VARIANT, "--from", desk.path("out"));
    const message: string = await failing.then(
      () => "",
      (thrown) => thrown.message,
    );
    const lines = message.split("\n");
    expect(lines[0]).toEndWith("/metal-dev/x86_64/ has 4 problems:");
    const has = (name: string, problem: RegExp) =>
      expect(lines.some((line) => line.includes(name) && problem.test(line))).toBe(true);
    has(first, /its SHA-256 is [0-9a-f]{64}$/);
    has(second, /it has \d+ bytes, signed are \d+$/);
    has(third, /is longer than the \d+ bytes that it may have$/);
    has(fourth, /^There is nothing at /);
    expect(await desk.repo("validate", VARIANT, "--from", desk.path("out"), "--no-targets")).toContain(
      "is in order",
    );
  });

  test("names the role that was changed, lost or comes from another repository", async () => {
    using desk = await published();
    const timestamp = desk.path("out", ...META, "timestamp.json");
    const right = readFileSync(timestamp, "utf8");
    const check = () => desk.repo("validate", VARIANT, "--from", desk.path("out"));
    writeFileSync(timestamp, right.replace(/"version": 1/, '"version": 2'));
    await expect(check()).rejects.toThrow(
      /^timestamp at file:.*timestamp\.json cannot be trusted: timestamp was signed by 0\/1 keys$/,
    );
    writeFileSync(timestamp, "{");
    await expect(check()).rejects.toThrow("timestamp.json cannot be trusted: ");
    writeFileSync(timestamp, right);
    const { version } = desk.json("out", ...META, "timestamp.json").signed;
    appendFileSync(desk.path("out", ...META, `${version}.snapshot.json`), " ");
    await expect(check()).rejects.toThrow(`${version}.snapshot.json is longer than the`);
    await Bun.file(timestamp).delete();
    await expect(check()).rejects.toThrow(`There is nothing at file://${timestamp}`);
    using other = await published();
    await expect(desk.repo("validate", VARIANT, "--from", other.path("out"))).rejects.toThrow(
      "timestamp was signed by 0/1 keys",
    );
  });
});

describe("expirations", () => {
  const policy = (days: number) =>
    ["snapshot", "targets", "timestamp"].map((role) => `${role}_expiration = "${days} days"\n`).join("");
  async function expiring(days: number): Promise<Desk> {
    const desk = await published();
    const file = desk.write("policy.toml", policy(days));
    await desk.repo("build", VARIANT, "--out", desk.path("short"), "--expirations", file);
    return desk;
  }
  /** @returns what is printed, and the exit code */
  async function check(desk: Desk, within: string): Promise<readonly [string, number]> {
    const text = await desk.repo(
      "check-expirations",
      VARIANT,
      ...["--from", desk.path("short"), "--within", within],
    );
    const code = Number(process.exitCode ?? 0);
    process.exitCode = 0;
    return [text, code];
  }

  test('Check 39: within "3 days" finds what expires in 2 days, not what expires in 10', async () => {
    using two = await expiring(2);
    const [text, code] = await check(two, "3 days");
    expect(code).toBe(1);
    expect(text).toMatch(/^root +\S+ {2}good\ntimestamp +\S+ {2}expires soon\nsnapshot .*\ntargets .*\n$/);
    using ten = await expiring(10);
    expect((await check(ten, "3 days"))[1]).toBe(0);
  });

  test("Check 39: an expired repository is refreshed with --unsafe-refresh only, to higher versions", async () => {
    using desk = await expiring(0);
    const [text, code] = await check(desk, "0 days");
    expect([code, text.match(/ expired\n/g)?.length]).toEqual([1, 3]);
    const refresh = ["refresh", VARIANT, "--from", desk.path("short"), "--out", desk.path("new")] as const;
    await expect(desk.repo(...refresh)).rejects.toThrow(/^timestamp at .* expired at /);
    await desk.repo(...refresh, "--unsafe-refresh");
    const [before, after] = ["short", "new"].map((name) => desk.json(name, ...META, "timestamp.json").signed);
    expect(after.version).toBeGreaterThan(before.version);
    expect(desk.list("new")).toEqual([VARIANT]);
    await expect(desk.repo(...refresh, "--unsafe-refresh")).rejects.toThrow("exists already");
    // Metadata is put into the place of the old; the targets stay where they are.
    using server = serve(desk.directory);
    desk.write(
      "Infra.toml",
      `[repo.default]\nmetadata_base_url = "${server.url}/new"\ntargets_url = "${server.url}/short/targets"\n`,
    );
    expect(await desk.repo("validate", VARIANT)).toContain("is in order");
  });

  test("a root role that was rotated is published by a refresh, with all before it", async () => {
    using desk = await published();
    await desk.repo("rotate");
    await desk.repo("refresh", VARIANT, "--from", desk.path("out"), "--out", desk.path("new"));
    expect(desk.list("new", ...META).slice(0, 1)).toEqual(["1.root.json"]);
    expect(desk.list("new", ...META)).toContain("2.root.json");
    await desk.repo("rotate");
    await Bun.file(desk.path("root.2.root.json")).delete();
    const newer = ["--from", desk.path("out"), "--out", desk.path("newer")];
    await expect(desk.repo("refresh", VARIANT, ...newer)).rejects.toThrow(
      `Version 2 of the root role is needed and not found at ${desk.path("root.2.root.json")} or file://`,
    );
    // The repository that was published with it has it.
    await desk.repo("refresh", VARIANT, ...newer.with(1, desk.path("new")));
    expect(desk.list("newer", ...META)).toEqual(
      expect.arrayContaining(["1.root.json", "2.root.json", "3.root.json"]),
    );
  });

  test("a root role older than the published one is not gone on with", async () => {
    using desk = await published();
    const first = readFileSync(desk.path("root.json"));
    await desk.repo("rotate");
    await desk.repo("refresh", VARIANT, "--from", desk.path("out"), "--out", desk.path("new"));
    desk.write("root.json", first);
    await expect(desk.repo("validate", VARIANT, "--from", desk.path("new"))).rejects.toThrow(
      `${desk.path("root.json")} is version 1 of the root role, but the repository has version 2`,
    );
  });
});
