/** Published repositories kept in order: damage is found, what expires is told and refreshed. */
import { describe, expect, test } from "bun:test";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { type Desk, META, published, serve, VARIANT } from "./testing.ts";

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
});

describe("root roles", () => {
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
