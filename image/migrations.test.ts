import { afterEach, describe, expect, it } from "bun:test";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseMigration } from "../host/store/migrations/index.ts";
import { compareVersions, parseVersion, readMigrationTexts } from "../host/update/index.ts";
import { memorySource } from "../host/update/testing-frames.ts";
import { readMigrations } from "../publish/image-parts.ts";
import { parseReleaseFile } from "../publish/release-file.ts";
import { ensureSdk, silentProgress } from "../sdk/index.ts";
import { packMigrations, readMigrationSources } from "./migrations.ts";

const TOP = join(import.meta.dirname, "..");
const RENAME =
  'format = 1\n[[steps]]\nrename-setting = { from = "settings.motd", to = "settings.message" }\n';
const ADD = `format = 1\n[[steps]]\nadd-settings = [${'"settings.a", '.repeat(500)}]\n`;

const made: string[] = [];
afterEach(async () => {
  for (const directory of made.splice(0)) await rm(directory, { recursive: true });
});

/** A tree with these files below migrations/. */
async function tree(files: Readonly<Record<string, string>>): Promise<string> {
  const top = await mkdtemp(join(tmpdir(), "pinwheel-migrations-"));
  made.push(top);
  for (const [name, text] of Object.entries({ "README.md": "", ...files })) {
    await mkdir(dirname(join(top, "migrations", name)), { recursive: true });
    await writeFile(join(top, "migrations", name), text);
  }
  return top;
}

describe("the migrations of a tree", () => {
  it("updates 11.1: reach a host as they were written: through tar, LZ4 frames and names with their version", async () => {
    const top = await tree({ "1.12.0/message.toml": RENAME, "1.13.0/a.toml": ADD });
    const texts = await readMigrationSources(join(top, "migrations"));
    const sdk = await ensureSdk(silentProgress);
    const [first, second] = [join(top, "1.tar"), join(top, "2.tar")];
    await packMigrations(sdk, first, texts, 1_800_000_000);
    await packMigrations(sdk, second, texts, 1_800_000_000);
    expect(await readFile(second)).toEqual(await readFile(first));
    expect((await readdir(top)).sort()).toEqual(["1.tar", "2.tar", "migrations"]);

    const published = (await readMigrations(first)).flatMap((target) =>
      target.kind === "bytes" ? [target] : [],
    );
    const targets = Object.fromEntries(published.map(({ name, bytes }) => [name, bytes]));
    expect(Object.keys(targets)).toEqual(["migrate_v1.12.0_message.lz4", "migrate_v1.13.0_a.lz4"]);
    expect(targets["migrate_v1.13.0_a.lz4"]?.length).toBeLessThan(300);
    const [from, to] = [parseVersion("1.11.1"), parseVersion("1.13.0")];
    if (from === undefined || to === undefined) throw new Error("no version");
    const manifest = { migrations: [{ from, to, names: Object.keys(targets) }] };
    const read = await readMigrationTexts(memorySource(targets), manifest, from, to);
    expect(read).toEqual([...texts].map(([name, text]) => ({ name, text })));
    const [message] = read.map(({ name, text }) => parseMigration(name, text));
    expect(message?.steps).toMatchObject([
      { kind: "rename-setting", from: { text: "settings.motd" }, to: { text: "settings.message" } },
    ]);
  });

  it("may be none: the tar is there and empty", async () => {
    const top = await tree({});
    await packMigrations(
      await ensureSdk(silentProgress),
      join(top, "t.tar"),
      await readMigrationSources(join(top, "migrations")),
      0,
    );
    expect(await readMigrations(join(top, "t.tar"))).toEqual([]);
  });

  const wrong: [what: string, file: string, text: string, said: string][] = [
    [
      "a name without a version",
      "message.toml",
      RENAME,
      "A file in migrations/ is message.toml; accepted: X.Y.Z/NAME.toml",
    ],
    ["a name that makes no target", "1.12.0/a b.toml", RENAME, "A file in migrations/ is 1.12.0/a b.toml"],
    ["no TOML", "1.12.0/a.toml", "format = \n", "migrations/1.12.0/a.toml:2:1: not readable as TOML"],
    [
      "a step that is none",
      "1.12.0/a.toml",
      "format = 1\n[[steps]]\nrun = 1\n",
      "migrations/1.12.0/a.toml:3:1: steps[0].run: unknown step; accepted: add-settings",
    ],
  ];
  for (const [what, file, text, said] of wrong) {
    it(`are refused by the build with the place: ${what}`, async () => {
      await expect(readMigrationSources(join(await tree({ [file]: text }), "migrations"))).rejects.toThrow(
        said,
      );
    });
  }
});

describe("Release.toml", () => {
  it("names every migration of this tree, in a step to the version that it is for", async () => {
    const { version, migrations } = parseReleaseFile(
      "Release.toml",
      await readFile(join(TOP, "Release.toml"), "utf8"),
    );
    for (const name of (await readMigrationSources(join(TOP, "migrations"))).keys()) {
      const steps = migrations.filter(({ names }) => names.includes(name));
      expect(steps.map(({ to }) => `migrate_v${to.text}`)).toContain(name.slice(0, name.indexOf("_", 9)));
    }
    expect(migrations.filter(({ to }) => compareVersions(to, version) > 0)).toEqual([]);
  });
});
