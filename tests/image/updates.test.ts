/** Two releases of one checkout, built beside each other and published: what a host of the first one would be offered. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BuiltImage } from "../../image/build.ts";
import { planDisks } from "../../image/layout.ts";
import { UpdateServer } from "../../lab/update-server.ts";
import { ensureSdk, type Sdk, silentProgress } from "../../sdk/index.ts";
import {
  anotherRelease,
  buildRelease,
  publishRelease,
  repo,
  type TestRelease,
  thisRelease,
} from "../machine/support/updates.ts";

const VARIANT = "metal-dev";
const MIB = 2 ** 20;
let sdk: Sdk;
let directory: string;
let releases: readonly TestRelease[];
let images: readonly BuiltImage[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "pinwheel-releases-"));
  sdk = await ensureSdk(silentProgress);
  const first = await thisRelease();
  releases = [first, await anotherRelease(directory, "99.0.0", first)];
  const built: BuiltImage[] = [];
  for (const release of releases) built.push(await buildRelease(VARIANT, release));
  images = built;
  await publishRelease(VARIANT, first, join(directory, "1"));
  await publishRelease(VARIANT, releases[1] ?? first, join(directory, "2"), join(directory, "1"));
}, 600_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

/** A file of the root in a disk image. */
function inRoot(image: BuiltImage | undefined, path: string): Promise<string> {
  const root = planDisks("unified", 2, 1).os.partitions.find(({ name }) => name === "BOTTLEROCKET-ROOT-A");
  const offset = `--offset=${(root?.startMiB ?? 0) * MIB}`;
  const disk = image?.disk ?? "";
  return sdk.run(["dump.erofs", "--cat", `--path=${path}`, offset, disk], { readable: [disk] });
}

describe("two releases of one checkout", () => {
  it("are there beside each other, each with its version, and both trust the same", async () => {
    const disks = await Promise.all(images.map(async ({ disk }) => (await stat(disk)).isFile()));
    expect(disks).toEqual([true, true]);
    const names = await Promise.all(images.map((image) => inRoot(image, "/usr/lib/os-release")));
    const versions = names.map((text) => /^VERSION_ID=(.*)$/m.exec(text)?.[1]);
    expect(versions).toEqual(releases.map(({ version }) => version));
    const roots = await Promise.all(images.map((image) => inRoot(image, "/usr/share/updog/root.json")));
    expect(roots[1]).toBe(roots[0]);
  });

  it("updates 12: are offered with every target by the lab to whoever has the root role of the first image", async () => {
    const root = join(directory, "trusted.json");
    const trusted = await inRoot(images[0], "/usr/share/updog/root.json");
    await writeFile(root, trusted);
    await using server = await UpdateServer.start(join(directory, "2"));
    await repo("validate", VARIANT, "--from", `http://127.0.0.1:${server.port}/`, "--root", root);
    const parts = releases.flatMap(({ version }) =>
      ["boot.ext4", "root.ext4", "root.verity"].map(
        (part) => `-${version}-${images[0]?.buildId}-${part}.lz4`,
      ),
    );
    const asked = server.requests.map(({ path }) => path);
    for (const part of parts) expect(asked.filter((path) => path.endsWith(part))).toHaveLength(1);
    const missed = server.requests.filter(({ status }) => status !== 200).map(({ path }) => path);
    expect([...new Set(missed)]).toEqual([
      // Whether there is a newer root role: there is none.
      `/metal-dev/x86_64/${JSON.parse(trusted).signed.version + 1}.root.json`,
    ]);
    const step = `"(${releases[0]?.version}, 99.0.0)": []`;
    const manifest = asked.find((path) => path.endsWith(".manifest.json"));
    expect(await readFile(join(directory, "2", manifest ?? ""), "utf8")).toContain(step);
  }, 120_000);
});
