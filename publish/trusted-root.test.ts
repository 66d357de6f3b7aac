/** Whose updates an image trusts: the root role that a build bakes in, in each state that a checkout can be in. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Metadata, MetadataKind } from "@tufjs/models";
import { nowNs } from "./context.ts";
import { DEVELOPMENT, developmentFiles } from "./development.ts";
import { Desk, VARIANT } from "./testing.ts";
import { readTrustedRoot } from "./trusted-root.ts";

const NOW = 1_900_000_000_000_000_000n;
const WEEK_NS = 604_800_000_000_000n;
const cacheBefore = process.env.XDG_CACHE_HOME;
let desk: Desk;

beforeEach(() => {
  desk = new Desk();
  process.env.XDG_CACHE_HOME = desk.path("cache");
});

afterEach(() => {
  desk[Symbol.dispose]();
  if (cacheBefore === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = cacheBefore;
});

/** A root role as `repo keys` leaves it, in roles/ of the checkout. */
async function makeRole(name: string): Promise<Buffer> {
  await desk.repo("keys", "--type", "ed25519", "--key", desk.path(`${name}.pem`));
  mkdirSync(desk.path("roles"), { recursive: true });
  renameSync(desk.path("root.json"), desk.path("roles", `${name}.root.json`));
  return readFileSync(desk.path("roles", `${name}.root.json`));
}

describe("the root role that an image carries", () => {
  test("is that of the checkout's own repository, once there is one", async () => {
    const own = await makeRole("default");
    expect(await readTrustedRoot(desk.directory)).toEqual({ repo: "default", version: 1, bytes: own });
  });

  test("is that of another repository when the build is told so", async () => {
    await makeRole("default");
    const other = await makeRole("other");
    const found = await readTrustedRoot(desk.directory, "other");
    expect(found).toEqual({ repo: "other", version: 1, bytes: other });
  });

  test("is that for development until then, the same for every checkout", async () => {
    const first = await readTrustedRoot(desk.directory);
    const { rootFile } = await developmentFiles(nowNs());
    expect(first).toEqual({ repo: "development", version: 1, bytes: readFileSync(rootFile) });
    using another = new Desk();
    expect(await readTrustedRoot(another.directory)).toEqual(first);
  });

  test("is fetched from where Infra.toml says, and compared with its checksum", async () => {
    const bytes = await makeRole("elsewhere");
    const infra = (sha512: string) =>
      desk.write(
        "Infra.toml",
        `[repo.default]\nroot_role_url = "${pathToFileURL(desk.path("roles/elsewhere.root.json")).href}"\n` +
          `root_role_sha512 = "${sha512}"\n`,
      );
    const right = createHash("sha512").update(bytes).digest("hex");
    infra(right);
    expect(await readTrustedRoot(desk.directory)).toEqual({ repo: "default", version: 1, bytes });
    infra("0".repeat(128));
    await expect(readTrustedRoot(desk.directory)).rejects.toThrow(
      `${pathToFileURL(desk.path("roles/default.root.json")).href} has the SHA-512 ${right}; expected is 000`,
    );
  });

  test("is not replaced by that for development when Infra.toml has a repository and its role is missing", async () => {
    desk.write("Infra.toml", "[repo.default]\n");
    await expect(readTrustedRoot(desk.directory)).rejects.toThrow(
      `There is no root role ${desk.path("roles/default.root.json")}`,
    );
  });

  test("is refused when the build names a repository that Infra.toml lacks", async () => {
    desk.write("Infra.toml", "[repo.default]\n");
    await expect(readTrustedRoot(desk.directory, "defualt")).rejects.toThrow(
      "Infra.toml has no repository defualt; it has: default",
    );
  });
});

describe("the repository for development", () => {
  test("has a key that nobody else can read, and nothing of it in the root role", async () => {
    const { keyFile, rootFile } = await developmentFiles(NOW);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    const [, secret = ""] = readFileSync(keyFile, "utf8").split("\n");
    expect(secret).toHaveLength(64);
    expect(readFileSync(rootFile, "utf8")).not.toContain(secret);
  });

  test("gets the next root role a month before the present one expires, and hosts can follow", async () => {
    const { rootFile, keyFile } = await developmentFiles(NOW);
    const [first, key] = [readFileSync(rootFile, "utf8"), readFileSync(keyFile, "utf8")];
    await developmentFiles(NOW + 47n * WEEK_NS);
    expect(readFileSync(rootFile, "utf8")).toBe(first);
    await developmentFiles(NOW + 48n * WEEK_NS);
    const [before, after] = [first, readFileSync(rootFile, "utf8")].map((text) =>
      Metadata.fromJSON(MetadataKind.Root, JSON.parse(text)),
    );
    before?.verifyDelegate(MetadataKind.Root, after as Metadata<never>);
    expect(after?.signed.version).toBe(2);
    expect(readFileSync(rootFile.replace(/\.root\.json$/, ".1.root.json"), "utf8")).toBe(first);
    expect([readFileSync(keyFile, "utf8"), statSync(keyFile).mode & 0o777]).toEqual([key, 0o600]);
  });

  test("is published to without any key or role of one's own, and is what fresh images trust", async () => {
    await desk.build("1.0.0");
    desk.release("1.0.0");
    const out = desk.path("out");
    const { bytes } = await readTrustedRoot(desk.directory);
    const words = ["--repo", DEVELOPMENT, "--images", desk.images, "--out", out];
    const { exitCode, stderr } = Bun.spawnSync(
      [process.execPath, join(import.meta.dirname, "../bin/pinwheel.ts"), "repo", "build", VARIANT, ...words],
      { cwd: desk.directory, env: { ...process.env } },
    );
    expect([exitCode, stderr.toString()]).toEqual([0, expect.stringContaining("✓ metadata")]);
    expect(readFileSync(join(out, VARIANT, "x86_64/1.root.json"))).toEqual(Buffer.from(bytes));
  });
});
