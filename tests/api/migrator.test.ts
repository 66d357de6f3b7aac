/** migrator and storewolf as the boot of a newer version runs them, with the sealed executable and no compiler in it. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { TestRepository } from "../../host/update/repository/testing.ts";
import { storedFrame } from "../../host/update/testing-frames.ts";
import { type Ended, RELEASE, TestRoot } from "./support/root.ts";

const BASE = "/var/lib/bottlerocket/datastore";
const METADATA = "/var/cache/bottlerocket-metadata";
const MIGRATIONS = "/var/lib/bottlerocket-migrations";
const ROOT_ROLE = "/usr/share/updog/root.json";
const NAME = "migrate_v1.12.0_greeting.lz4";

let root: TestRoot;
beforeAll(async () => {
  root = await TestRoot.make();
  await symlink("pinwheel-host", root.at("usr/bin/migrator"));
  const replace = { key: "settings.motd", old: "Welcome", new: "Welcome to 1.12" };
  using repository = new TestRepository();
  repository.publish(
    {
      [NAME]: storedFrame(JSON.stringify({ format: 1, steps: [{ "replace-string": replace }] })),
      "manifest.json": JSON.stringify({ updates: [], migrations: { "(1.11.1, 1.12.0)": [NAME] } }),
    },
    1,
  );
  for (const [path, content] of repository.files) {
    const directory = path.startsWith("metadata/") ? METADATA : MIGRATIONS;
    await write(`${directory}/${basename(path)}`, content);
    if (path === "metadata/1.root.json") await write(ROOT_ROLE, content);
  }
}, 300_000);
afterAll(() => root?.remove());

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(root.at(path)), { recursive: true });
  await writeFile(root.at(path), content);
}

/** What the units start, one after the other, at a boot of a version. */
async function boot(version: string): Promise<readonly [migrator: Ended, storewolf: Ended]> {
  await writeFile(root.at("usr/lib/os-release"), RELEASE.replaceAll("1.11.1", version));
  const unit = await readFile(
    `${import.meta.dirname}/../../variants/shared/units/base/migrator.service`,
    "utf8",
  );
  const command = /^ExecStart=(.*)$/m.exec(unit)?.[1]?.split(" ") ?? [];
  const env = { BUN_JSC_useJIT: "0" };
  const migrator = await root.run(command, { env });
  return [migrator, await root.run(["/usr/bin/storewolf", "--data-store-base-path", BASE], { env })];
}

async function settings(): Promise<unknown> {
  return JSON.parse(await root.live()).leaves;
}

describe("a boot", () => {
  it("Check 35: of the same version brings nothing along", async () => {
    await write(
      `${BASE}/current/live.json`,
      '{"format":1,"transaction":"x","leaves":{"settings.motd":"Welcome"}}',
    );
    const [migrator, storewolf] = await boot("1.11.1");
    expect(migrator).toMatchObject({ exitCode: 0, stderr: "" });
    expect(storewolf).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await settings()).toEqual({ "settings.motd": "Welcome" });
  });

  it("of a newer version brings the settings along, and one of the older version brings them back", async () => {
    const [forward, newer] = await boot("1.12.0");
    expect(forward).toMatchObject({ exitCode: 0, stderr: "" });
    expect(newer.stdout).toMatch(/Found the data store \S+\/v1\.12\.0_/);
    expect(await settings()).toEqual({ "settings.motd": "Welcome to 1.12" });
    const [backward, older] = await boot("1.11.1");
    expect(backward).toMatchObject({ exitCode: 0, stderr: "" });
    expect(older.stdout).toMatch(/Found the data store \S+\/v1\.11\.1_/);
    expect(await settings()).toEqual({ "settings.motd": "Welcome" });
  });
});
