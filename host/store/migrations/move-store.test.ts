import { describe, expect, test } from "bun:test";
import { mkdir, readdir, readlink, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Disk, disk } from "../../linux/files.ts";
import type { Json } from "../../settings/index.ts";
import { testModel } from "../../settings/testing.ts";
import { documentText } from "../documents.ts";
import { readLive } from "../read-store.ts";
import { cutAfter, withDirectory } from "../testing.ts";
import { pointLinks } from "../version-links.ts";
import { findStore } from "./find-store.ts";
import type { Migration } from "./format.ts";
import { type Move, moveStore, returnToKept } from "./move-store.ts";
import type { Direction } from "./steps.ts";
import { leaves, migration, render } from "./testing.ts";

type Settings = Readonly<Record<string, Json>>;
const model = testModel();
const MOTD: Settings = { "settings.motd": "v1" };
const toV2 = [migration({ "replace-string": { key: "settings.motd", old: "v1", new: "v2" } })];

/** A store of a version with settings, to which `current` leads. */
async function storeOf(
  base: string,
  version: string,
  settings: Settings = MOTD,
  name = `v${version}_aaaaaaaaaaaaaaaa`,
) {
  await mkdir(join(base, name), { recursive: true });
  await writeLeaves(join(base, name), settings);
  await pointLinks(base, version, name, disk);
}

async function writeLeaves(directory: string, settings: Settings): Promise<void> {
  await writeFile(join(directory, "live.json"), documentText({ transaction: "x", leaves: leaves(settings) }));
}

async function settingsNow(base: string): Promise<Settings> {
  return Object.fromEntries((await readLive(await realpath(join(base, "current")))).leaves);
}

async function move(base: string, to: string, migrations: readonly Migration[] = [], on: Disk = disk) {
  const from = await findStore(join(base, "current"));
  if (from === undefined) throw new Error("there is no store");
  const direction: Direction = from.version < to ? "forward" : "backward";
  return moveStore({ from, to, direction, migrations, render, model }, on);
}

/** Names with their random part taken off, links with where they lead. */
async function listing(base: string): Promise<readonly string[]> {
  const names = (await readdir(base, { withFileTypes: true })).map(async (entry) => {
    const name = entry.name.replace(/_[A-Za-z0-9]{16}$/, "_");
    if (!entry.isSymbolicLink()) return name;
    return `${name} → ${(await readlink(join(base, entry.name))).replace(/_[A-Za-z0-9]{16}$/, "_")}`;
  });
  return (await Promise.all(names)).sort();
}

const message = (thrown: unknown) => (thrown instanceof Error ? thrown.message : thrown);

describe("a store that goes to another version", () => {
  test("Check 33: with migrations is a new one beside the old, and the links lead to it", async () => {
    await withDirectory(async (base) => {
      await storeOf(base, "1.11.1");
      const moved = await move(base, "1.12.0", toV2);
      expect(moved).toEqual({
        directory: await realpath(join(base, "current")),
        changed: ["settings.motd"],
        refused: [],
        leftOver: [],
      });
      expect(await settingsNow(base)).toEqual({ "settings.motd": "v2" });
      expect(await listing(base)).toEqual([
        "current → v1",
        "v1 → v1.12",
        "v1.11 → v1.11.1",
        "v1.11.1 → v1.11.1_",
        "v1.11.1_",
        "v1.12 → v1.12.0",
        "v1.12.0 → v1.12.0_",
        "v1.12.0_",
      ]);
    });
  });

  test("Check 33: without migrations is the same one under the links of both versions", async () => {
    await withDirectory(async (base) => {
      await storeOf(base, "1.11.1");
      const before = await realpath(join(base, "current"));
      expect(await move(base, "2.0.0")).toMatchObject({ directory: before, changed: [] });
      expect(await realpath(join(base, "v1.11.1"))).toBe(before);
      expect((await findStore(join(base, "current")))?.version).toBe("2.0.0");
      expect(await listing(base)).toContain("v2.0.0 → v1.11.1_");
    });
  });

  test("has what stands behind the three numbers in its name, not in its links", async () => {
    await withDirectory(async (base) => {
      await storeOf(base, "1.11.1");
      const { directory } = await move(base, "1.12.0-rc.1+x", toV2);
      expect(directory).toMatch(/\/v1\.12\.0-rc\.1\+x_[A-Za-z0-9]{16}$/);
      expect((await findStore(join(base, "current")))?.version).toBe("1.12.0");
      await move(base, "1.13.0", toV2);
      await move(base, "1.14.0", toV2);
      expect((await listing(base)).filter((name) => name.includes("rc"))).toEqual([]);
    });
  });

  test("keeps the store of the version before for the way back, and no older one, nor what failed attempts left", async () => {
    await withDirectory(async (base) => {
      await storeOf(base, "1.11.1");
      await storeOf(base, "1.12.0", { "settings.motd": "failed" }, "v1.12.0_bbbbbbbbbbbbbbbb");
      await storeOf(base, "1.11.1");
      await mkdir(join(base, "v1.12.0_cccccccccccccccc"));
      await mkdir(join(base, "not-a-store"));
      await move(base, "1.12.0", toV2);
      await move(base, "1.13.0", toV2);
      expect(await listing(base)).toEqual([
        "current → v1",
        "not-a-store",
        "v1 → v1.13",
        "v1.12 → v1.12.0",
        "v1.12.0 → v1.12.0_",
        "v1.12.0_",
        "v1.13 → v1.13.0",
        "v1.13.0 → v1.13.0_",
        "v1.13.0_",
      ]);
    });
  });

  test("is whole whenever the power goes: `current` leads to the old settings or to the new, and the move can be done again", async () => {
    const directions: [from: string, to: string, migrations: readonly Migration[]][] = [
      ["1.11.1", "1.11.2", toV2],
      ["1.11.1", "1.12.0", toV2],
      ["1.11.1", "2.0.0", toV2],
      ["2.0.0", "1.11.1", [migration({ "replace-string": { key: "settings.motd", old: "v2", new: "v1" } })]],
    ];
    for (const [from, to, migrations] of directions) {
      const seen = new Set<unknown>();
      for (let steps = 0, finished = false; !finished; steps++) {
        finished = await withDirectory(async (base) => {
          await mkdir(join(base, "v1.0.0_dddddddddddddddd"));
          await storeOf(base, from);
          const done = await move(base, to, migrations, cutAfter(steps)).then(
            ({ leftOver }) => leftOver.length === 0,
            () => false,
          );
          const found = await findStore(join(base, "current"));
          const settings = await settingsNow(base);
          // The version that the links tell is that of the settings: nobody migrates them twice, or not at all.
          expect({ version: found?.version, settings }).toEqual(
            found?.version === to
              ? { version: to, settings: { "settings.motd": "v2" } }
              : { version: from, settings: MOTD },
          );
          seen.add(found?.version);
          if (found?.version === from) await move(base, to, migrations);
          expect(await settingsNow(base)).toEqual({ "settings.motd": "v2" });
          return done;
        });
        expect(steps).toBeLessThan(60);
      }
      expect([...seen]).toEqual([from, to]);
    }
  });

  test("is not begun where the copy does not fit", async () => {
    await withDirectory(async (base) => {
      await storeOf(base, "1.11.1");
      const from = await findStore(join(base, "current"));
      if (from === undefined) throw new Error("there is no store");
      const before = await listing(base);
      const wanted: Move = { from, to: "1.12.0", direction: "forward", migrations: toV2, render, model };
      await expect(moveStore(wanted, disk, async () => 65_000)).rejects.toThrow(
        `The copy of the settings needs 65660 bytes in ${base}, and 65000 are free; nothing was changed`,
      );
      expect(await listing(base)).toEqual(before);
    });
  });
});

describe("what the version that starts does not take", () => {
  const bad: Settings = {
    "settings.motd": "v1",
    "settings.updates.seed": "x",
    "settings.unheard-of": 1,
    "settings.boot.kernel-parameters.quiet": [""],
  };
  const lines = [
    'settings.updates.seed: found the text "x"; accepted: ',
    'settings.unheard-of: unknown name "unheard-of"',
  ];

  test("ends the move forward, with every reason; nothing is changed", async () => {
    await withDirectory(async (base) => {
      await storeOf(base, "1.11.1", bad);
      const before = await listing(base);
      const thrown = await move(base, "1.12.0", toV2).catch(message);
      for (const line of lines) expect(thrown).toContain(line);
      expect(thrown).toContain(
        "settings.boot.kernel-parameters.quiet: is called settings.boot.kernel.quiet now",
      );
      expect(await listing(base)).toEqual(before);
    });
  });

  test("ends it also when there is nothing to migrate", async () => {
    await withDirectory(async (base) => {
      await storeOf(base, "1.11.1", bad);
      await expect(move(base, "1.12.0")).rejects.toThrow("Version 1.12.0 would not take these settings");
    });
  });

  test("is left out on the way back, or is again what it was before", async () => {
    await withDirectory(async (base) => {
      await storeOf(base, "1.11.1", { "settings.motd": "v1", "settings.updates.seed": 5 });
      await move(base, "1.12.0", toV2);
      await writeLeaves(await realpath(join(base, "current")), { ...bad, "settings.motd": "mine" });
      const { refused, changed } = await move(base, "1.11.1", toV2);
      expect(refused).toHaveLength(3);
      expect(refused.join()).toContain(lines[0] ?? "");
      expect(changed).toContain("settings.unheard-of");
      expect(await settingsNow(base)).toEqual({ "settings.motd": "mine", "settings.updates.seed": 5 });
    });
  });

  test("makes a new store on the way back even without migrations: the newer version may come again", async () => {
    await withDirectory(async (base) => {
      await storeOf(base, "1.12.0", bad);
      await move(base, "1.11.1");
      expect(await settingsNow(base)).toEqual(MOTD);
      expect((await listing(base)).filter((name) => name.endsWith("_") && !name.includes("→"))).toEqual([
        "v1.11.1_",
        "v1.12.0_",
      ]);
    });
  });
});

describe("the way back", () => {
  test("brings back what the way forward had dropped, as long as the old store is there", async () => {
    await withDirectory(async (base) => {
      const settings = { "settings.motd": "v1", "settings.updates.seed": 5 };
      const dropping = [migration({ "remove-settings": ["settings.updates.seed"] })];
      await storeOf(base, "1.11.1", settings);
      await move(base, "1.12.0", dropping);
      expect(await settingsNow(base)).toEqual(MOTD);
      await move(base, "1.11.1", dropping);
      expect(await settingsNow(base)).toEqual(settings);
    });
  });

  test("does without an old store that cannot be read", async () => {
    await withDirectory(async (base) => {
      await storeOf(base, "1.11.1");
      await move(base, "1.12.0", toV2);
      await writeFile(join(base, "v1.11.1/live.json"), "{");
      await move(base, "1.11.1", toV2);
      expect(await settingsNow(base)).toEqual(MOTD);
    });
  });

  test("leads to the old store itself where settings cannot be migrated; there may be none", async () => {
    await withDirectory(async (base) => {
      await storeOf(base, "1.11.1");
      await move(base, "1.12.0", toV2);
      const from = await findStore(join(base, "current"));
      if (from === undefined) throw new Error("there is no store");
      expect(await returnToKept({ from, to: "1.10.0" })).toBeUndefined();
      const old = await realpath(join(base, "v1.11.1"));
      expect(await returnToKept({ from, to: "1.11.1" })).toEqual({ directory: old, leftOver: [] });
      expect(await settingsNow(base)).toEqual(MOTD);
    });
  });
});

describe("updates 11.3: the version of a store", () => {
  test("Check 35: none is there at the first start", async () => {
    await withDirectory(async (base) => {
      expect(await findStore(join(base, "datastore/current"))).toBeUndefined();
    });
  });

  test("is that of the third link, with or without v, wherever the base lies", async () => {
    await withDirectory(async (base) => {
      await storeOf(join(base, "real"), "1.11.1");
      await symlink("real", join(base, "linked"));
      const directory = await realpath(join(base, "real/current"));
      const found = { base: join(base, "real"), directory, version: "1.11.1" };
      expect(await findStore(join(base, "linked/current"))).toEqual(found);
      await rm(join(base, "real/v1.11"));
      await symlink("v1.11.1", join(base, "real/1.11.1"));
      await symlink("1.11.1", join(base, "real/v1.11"));
      expect(await findStore(join(base, "real/current"))).toEqual(found);
    });
  });

  test("is not guessed: links that lead nowhere, or are too few, are told", async () => {
    await withDirectory(async (base) => {
      await storeOf(base, "1.11.1");
      await rm(await realpath(join(base, "current")), { recursive: true });
      const current = join(base, "current");
      await expect(findStore(current)).rejects.toThrow(`${current} is a link that leads to no data store`);
      await rm(join(base, "v1"));
      await mkdir(join(base, "v1"));
      await expect(findStore(current)).rejects.toThrow("are expected, found current → v1");
    });
  });
});
