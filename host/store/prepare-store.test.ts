import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, readdir, readlink, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { realPathIfExists } from "../linux/files.ts";
import type { Json } from "../settings/index.ts";
import { launchTransaction } from "./documents.ts";
import { openStore } from "./open-store.ts";
import { prepareStore } from "./prepare-store.ts";
import { cutAfter, failing, withDirectory } from "./testing.ts";

const model = {
  defaults: new Map<string, Json>([
    ["settings.motd", "hello"],
    ["settings.updates.ignore-waves", false],
  ]),
};

describe("storewolf's work", () => {
  test("api Check 1, with documents instead of a file for each setting: an empty base gets the links, and the defaults wait in the launch transaction", async () => {
    await withDirectory(async (base) => {
      const prepared = await prepareStore(join(base, "made"), "3.4.5", model);
      expect(prepared).toEqual({
        directory: prepared.directory,
        created: true,
        putBack: [],
        staged: ["settings.motd", "settings.updates.ignore-waves"],
      });
      const at = join(base, "made");
      expect(await readlink(join(at, "current"))).toBe("v3");
      expect(await readlink(join(at, "v3"))).toBe("v3.4");
      expect(await readlink(join(at, "v3.4"))).toBe("v3.4.5");
      expect(await readlink(join(at, "v3.4.5"))).toMatch(/^v3\.4\.5_[A-Za-z0-9]{16}$/);
      const store = await openStore(join(at, "current"));
      expect(store.live()).toEqual(new Map());
      expect(store.transactions()).toEqual(["bottlerocket-launch"]);
      expect(store.pending(launchTransaction)).toEqual(model.defaults);
    });
  });

  test("api Check 2: the next boot keeps what is live and forgets the transactions", async () => {
    await withDirectory(async (base) => {
      await prepareStore(base, "3.4.5", model);
      const store = await openStore(join(base, "current"));
      await store.commit(launchTransaction);
      await store.stage("default", new Map([["settings.motd", "mine"]]));
      await store.commit("default");
      await store.stage("t1", new Map([["settings.motd", "lost"]]));
      const names = await readdir(base);
      expect(await prepareStore(base, "3.4.6", model)).toMatchObject({ created: false, staged: [] });
      expect(await readdir(base)).toEqual(names);
      const again = await openStore(join(base, "current"));
      expect(again.live().get("settings.motd")).toBe("mine");
      expect(again.transactions()).toEqual([]);
    });
  });

  test("api Check 3, settings Check 32: of the defaults only a new one waits in the launch transaction, none whose setting was changed", async () => {
    await withDirectory(async (base) => {
      await prepareStore(base, "3.4.5", { defaults: new Map([["settings.motd", "hello"]]) });
      const store = await openStore(join(base, "current"));
      await store.commit(launchTransaction);
      await store.stage("default", new Map([["settings.motd", "mine"]]));
      await store.commit("default");
      expect((await prepareStore(base, "3.4.5", model)).staged).toEqual(["settings.updates.ignore-waves"]);
    });
  });

  test("a default that was removed is staged again, as one that never was live", async () => {
    await withDirectory(async (base) => {
      await prepareStore(base, "3.4.5", model);
      const store = await openStore(join(base, "current"));
      await store.commit(launchTransaction);
      await store.stage("default", new Map([["settings.motd", null]]));
      await store.commit("default");
      expect((await prepareStore(base, "3.4.5", model)).staged).toEqual(["settings.motd"]);
    });
  });

  test("a power cut at any step leaves nothing that the next boot cannot finish, and no second store", async () => {
    for (let steps = 0, finished = false; !finished; steps++) {
      finished = await withDirectory(async (outer) => {
        const base = join(outer, "datastore");
        const done = await prepareStore(base, "1.11.1", model, cutAfter(steps)).then(
          () => true,
          () => false,
        );
        // Whoever finds `current` finds a store, also at this moment.
        const found = await realPathIfExists(join(base, "current"));
        if (found !== undefined) expect((await openStore(found)).live().size).toBe(0);
        const { staged } = await prepareStore(base, "1.11.1", model);
        expect(staged).toHaveLength(2);
        const names = (await readdir(base)).map((name) => name.replace(/_.*/, "_"));
        expect(names.sort()).toEqual(["current", "v1", "v1.11", "v1.11.1", "v1.11.1_"]);
        const store = await openStore(join(base, "current"));
        expect(store.pending(launchTransaction)).toEqual(model.defaults);
        return done;
      });
      expect(steps).toBeLessThan(60);
    }
  });

  test("a full disk keeps the transactions' directory, and the host its settings; only new defaults are missing", async () => {
    await withDirectory(async (base) => {
      const { directory } = await prepareStore(base, "1.11.1", model);
      const full = failing(["createFile", "makeDirectory"], "ENOSPC");
      full.makeDirectory = async (path) => {
        if (!existsSync(path)) throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
      };
      const prepared = await prepareStore(base, "1.11.1", model, full);
      expect(prepared).toMatchObject({ directory, created: false, staged: [] });
      expect(prepared.notStaged?.message).toBe(
        `The data store in ${base} could not be made ready: ENOSPC: as the test wants it`,
      );
      const store = await openStore(directory, full);
      expect(store.leftOut).toEqual([]);
      expect(store.transactions()).toEqual([]);
    });
  });

  test("a full disk makes no new store", async () => {
    await withDirectory(async (base) => {
      await expect(prepareStore(base, "1.11.1", model, failing(["createFile"], "ENOSPC"))).rejects.toThrow(
        "ENOSPC",
      );
    });
  });

  test("links that lead nowhere, while directories hold data, are not guessed at", async () => {
    await withDirectory(async (base) => {
      const name = "v1.0.0_aaaaaaaaaaaaaaaa";
      await mkdir(join(base, name));
      await writeFile(
        join(base, name, "live.json"),
        '{"format":1,"transaction":"x","leaves":{"settings.motd":"a"}}',
      );
      await symlink("v1", join(base, "current"));
      await expect(prepareStore(base, "1.11.1", model)).rejects.toThrow(
        new Error(`No link in ${base} leads to a data store, but these hold data: ${name}`),
      );
    });
  });

  test("a damaged live document stops the boot with its path, instead of losing what it held", async () => {
    await withDirectory(async (base) => {
      const { directory } = await prepareStore(base, "1.11.1", model);
      const path = join(directory, "live.json");
      await writeFile(path, '{"format":1,"trans');
      await expect(prepareStore(base, "1.11.1", model)).rejects.toThrow(
        new Error(`${path} does not hold a document of the data store: it is not JSON`),
      );
    });
  });

  test("a base that cannot be made is told with its reason", async () => {
    await withDirectory(async (directory) => {
      const base = join(directory, "file", "base");
      await writeFile(join(directory, "file"), "");
      await expect(prepareStore(base, "1.11.1", model)).rejects.toThrow(
        new Error(
          `The data store in ${base} could not be made ready: ENOTDIR: not a directory, mkdir '${base}'`,
        ),
      );
    });
  });

  test("a version that is not three numbers makes no store", async () => {
    await withDirectory(async (base) => {
      await expect(prepareStore(base, "1.11", model)).rejects.toThrow(
        new Error('"1.11" is not a version of three numbers'),
      );
      expect(await readdir(base)).toEqual([]);
    });
  });
});
