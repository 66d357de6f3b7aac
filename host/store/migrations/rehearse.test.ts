import { describe, expect, test } from "bun:test";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Json } from "../../settings/index.ts";
import { documentText } from "../documents.ts";
import { withDirectory } from "../testing.ts";
import type { Migration } from "./format.ts";
import { rehearseMigrations } from "./rehearse.ts";
import type { Direction } from "./steps.ts";
import { leaves, migration, render } from "./testing.ts";

const NAME = "migrate_v1.12.0_test.lz4";

/** Rehearses on a store with settings, which is looked at afterwards. @returns what was thrown */
function rehearsed(
  settings: Readonly<Record<string, Json>>,
  migrations: readonly Migration[],
  direction: Direction = "forward",
  free = 1e9,
): Promise<unknown> {
  return withDirectory(async (directory) => {
    const text = documentText({ transaction: "x", leaves: leaves(settings) });
    await writeFile(join(directory, "live.json"), text);
    const thrown = await rehearseMigrations(
      directory,
      { direction, migrations, render },
      async () => free,
    ).catch((error: unknown) => (error instanceof Error ? error.message : error));
    expect(await readdir(directory)).toEqual(["live.json"]);
    expect(await readFile(join(directory, "live.json"), "utf8")).toBe(text);
    return thrown;
  });
}

const rename = migration({ "rename-setting": { from: "settings.motd", to: "settings.message" } });
const shorten = migration({ "remove-settings": ["settings.gone"] });
const list = migration({ "replace-list": { key: "settings.l", old: ["a"], new: ["b"] } });

describe("migrations are rehearsed on the settings of the host, which are left alone", () => {
  test("what leads there and back is taken, also when it drops settings on the way", async () => {
    const settings = { "settings.motd": "mine", "settings.gone": 1, "settings.l": ["b"] };
    expect(await rehearsed(settings, [rename, shorten, list])).toBeUndefined();
  });

  test("a migration that fails on them is refused", async () => {
    expect(await rehearsed({ "settings.l": [1] }, [rename, list])).toBe(
      `The migration ${NAME} failed on its way forward`,
    );
  });

  test("one whose way back would make a setting that was not there is refused", async () => {
    expect(await rehearsed({ "settings.message": "here already" }, [rename])).toBe(
      "The migrations to the new version and back would change these settings: settings.motd",
    );
  });

  test("a downgrade may drop what the older version does not have", async () => {
    const added = migration({ "add-settings": ["settings.new"] });
    expect(await rehearsed({ "settings.new": 1 }, [added], "backward")).toBeUndefined();
  });

  test("a disk without space for the copy is told before the restart", async () => {
    expect(await rehearsed({}, [rename], "forward", 1000)).toMatch(/needs 656\d\d bytes .* 1000 are free/);
    expect(await rehearsed({}, [], "forward", 1000)).toBeUndefined();
  });
});
