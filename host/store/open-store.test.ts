import { describe, expect, test } from "bun:test";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { type Disk, disk, writeWhole } from "../linux/files.ts";
import type { Json } from "../settings/index.ts";
import { documentText } from "./documents.ts";
import { type OpenStore, openStore } from "./open-store.ts";
import { cutAfter, failing, withDirectory } from "./testing.ts";

const old: [string, Json][] = [["settings.motd", "old"]];
const leaves = (...pairs: [string, Json][]): Map<string, Json> => new Map(pairs);

async function newStore(directory: string, on: Disk = disk): Promise<OpenStore> {
  const text = documentText({ transaction: "", leaves: new Map(old) });
  await writeWhole(join(directory, "live.json"), text, { durable: false });
  return openStore(directory, on);
}

/** Everything a client can see of a store. */
function seen(store: OpenStore) {
  const pending = store
    .transactions()
    .map((name) => [name, Object.fromEntries(store.pending(name))] as const);
  return { live: Object.fromEntries(store.live()), pending: Object.fromEntries(pending) };
}

describe("an open store", () => {
  test("api Checks 8 and 9: what is staged is pending until it is committed", async () => {
    await withDirectory(async (directory) => {
      const store = await newStore(directory);
      await store.stage("default", leaves(["settings.motd", "a b"]));
      expect(await readdir(join(directory, "pending"))).toEqual(["default.json"]);
      expect(seen(store)).toEqual({
        live: { "settings.motd": "old" },
        pending: { default: { "settings.motd": "a b" } },
      });
      expect(await store.commit("default")).toEqual(["settings.motd"]);
      expect(seen(store)).toEqual({ live: { "settings.motd": "a b" }, pending: {} });
      expect(await readdir(join(directory, "pending"))).toEqual([]);
      expect(await store.commit("default")).toBeUndefined();
      expect(seen(await openStore(directory))).toEqual(seen(store));
    });
  });

  test("a leaf staged as null is pending as null, and gone after the commit, also when opened again", async () => {
    await withDirectory(async (directory) => {
      const store = await newStore(directory);
      await store.stage("t", leaves(["settings.motd", null]));
      expect(seen(await openStore(directory))).toEqual({
        live: { "settings.motd": "old" },
        pending: { t: { "settings.motd": null } },
      });
      expect(await store.commit("t")).toEqual(["settings.motd"]);
      expect(seen(store)).toEqual({ live: {}, pending: {} });
      expect(seen(await openStore(directory))).toEqual({ live: {}, pending: {} });
    });
  });

  test("api 3.2: a null in the live document is read as not set", async () => {
    await withDirectory(async (directory) => {
      const text = documentText({ transaction: "", leaves: leaves(["settings.motd", null]) });
      await writeFile(join(directory, "live.json"), text);
      expect((await openStore(directory)).live()).toEqual(new Map());
    });
  });

  test("a name that cannot be a file is refused before anything is written", async () => {
    await withDirectory(async (directory) => {
      const store = await newStore(directory);
      await expect(store.stage("", leaves(["settings.motd", "x"]))).rejects.toThrow(
        new Error('The transaction name "" cannot be used: it is empty'),
      );
      await store.stage("ok", leaves(["settings.motd", "x"]));
      expect(store.transactions()).toEqual(["ok"]);
    });
  });

  test("whether a commit is right is asked when its turn has come; if it is not, nothing changes", async () => {
    await withDirectory(async (directory) => {
      const store = await newStore(directory);
      await store.stage("first", leaves(["settings.a", 1]));
      await store.stage("second", leaves(["settings.b", 2]));
      const asked: [live: string[], pending: string[]][] = [];
      const isRight = (live: ReadonlyMap<string, Json>, pending: ReadonlyMap<string, Json>) => {
        asked.push([[...live.keys()], [...pending.keys()]]);
        return !live.has("settings.a");
      };
      const before = [...store.live().keys()];
      expect(await Promise.all([store.commit("first", isRight), store.commit("second", isRight)])).toEqual([
        ["settings.a"],
        undefined,
      ]);
      expect(asked).toEqual([
        [before, ["settings.a"]],
        [[...before, "settings.a"], ["settings.b"]],
      ]);
      expect([...store.live().keys()]).toEqual([...before, "settings.a"]);
      expect(store.transactions()).toEqual(["second"]);
    });
  });

  test("changes asked for at the same time all happen, one after the other", async () => {
    await withDirectory(async (directory) => {
      const store = await newStore(directory);
      const names = Array.from({ length: 50 }, (_, index) => `settings.kernel.sysctl.k${index}`);
      await Promise.all(names.map((name) => store.stage("t", leaves([name, "1"]))));
      const [first, second] = await Promise.all([store.commit("t"), store.commit("t")]);
      expect(first).toEqual([...names].sort());
      expect(second).toBeUndefined();
      expect(store.live().size).toBe(51);
    });
  });

  test("random stages, commits and discards do what a pair of plain maps does, also when opened again", async () => {
    const name = fc.constantFrom("a", "b c", "é/..");
    const key = fc.constantFrom("settings.x", 'settings."y.z"', "settings.w");
    const change = fc.dictionary(key, fc.option(fc.nat(9)), { maxKeys: 3 });
    const step = fc.oneof(
      fc.record({ kind: fc.constant("stage" as const), name, change }),
      fc.record({ kind: fc.constantFrom("commit" as const, "discard" as const, "reopen" as const), name }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), (steps) =>
        withDirectory(async (directory) => {
          let store = await newStore(directory);
          const live: Record<string, Json> = { "settings.motd": "old" };
          const pending: Record<string, Record<string, Json>> = {};
          for (const at of steps) {
            const known = Object.keys(pending[at.name] ?? {}).sort();
            if (at.kind === "stage") {
              await store.stage(at.name, leaves(...Object.entries(at.change)));
              if (Object.keys(at.change).length > 0) pending[at.name] = { ...pending[at.name], ...at.change };
            } else if (at.kind === "commit") {
              expect(await store.commit(at.name)).toEqual(known.length > 0 ? known : (undefined as never));
              Object.assign(live, pending[at.name]);
              for (const [key, value] of Object.entries(live)) if (value === null) delete live[key];
              delete pending[at.name];
            } else if (at.kind === "discard") {
              expect(await store.discard(at.name)).toEqual(known);
              delete pending[at.name];
            } else store = await openStore(directory);
            expect(seen(store)).toEqual({ live, pending });
          }
          expect(seen(await openStore(directory))).toEqual({ live, pending });
        }),
      ),
      { numRuns: 60 },
    );
  });
});

describe("a power cut or a killed server (api Check 40)", () => {
  const other = leaves(["settings.dns.search-list", []]);
  const change = leaves(["settings.motd", null], ["settings.updates.seed", 1]);

  for (const [what, act] of [
    ["a commit", (store: OpenStore) => store.commit("t")],
    ["a discard", (store: OpenStore) => store.discard("t")],
    ["a stage", (store: OpenStore) => store.stage("t", leaves(["settings.motd", "newer"]))],
  ] as const) {
    test(`at any step of ${what} leaves everything as before or everything as after`, async () => {
      let steps = 0;
      for (let finished = false; !finished; steps++) {
        finished = await withDirectory(async (directory) => {
          const prepared = await newStore(directory);
          await prepared.stage("t", change);
          await prepared.stage("other", other);
          const before = seen(prepared);
          // One step more: opening makes sure that the directory of transactions is there.
          const store = await openStore(directory, cutAfter(steps + 1));
          const done = await act(store).then(
            () => true,
            () => false,
          );
          const afterwards = await openStore(directory);
          const whole = await afterAll(act);
          expect([before, whole]).toContainEqual(seen(afterwards));
          if (done) expect(seen(afterwards)).toEqual(whole);
          const left = (await readdir(join(directory, "pending"))).filter((name) => name.startsWith("."));
          expect(left).toEqual([]);
          return done && steps > 8;
        });
      }
      expect(steps).toBeGreaterThan(3);
    });
  }

  async function afterAll(act: (store: OpenStore) => Promise<unknown>) {
    return withDirectory(async (directory) => {
      const store = await newStore(directory);
      await store.stage("t", change);
      await store.stage("other", other);
      await act(store);
      return seen(store);
    });
  }
});

describe("a disk that fails", () => {
  test("a full disk refuses the change, keeps everything, and the next change works when there is space", async () => {
    await withDirectory(async (directory) => {
      const full = failing(["createFile"], "ENOSPC");
      full.broken = false;
      const store = await newStore(directory, full);
      await store.stage("t", leaves(["settings.motd", "new"]));
      const before = seen(store);
      full.broken = true;
      const path = join(directory, "live.json");
      await expect(store.commit("t")).rejects.toThrow(
        new Error(`There is no space left to write ${path}; nothing was changed`),
      );
      const pending = join(directory, "pending", "t.json");
      await expect(store.stage("t", leaves(["settings.motd", "newer"]))).rejects.toThrow(
        new Error(`There is no space left to write ${pending}; nothing was changed`),
      );
      expect(seen(store)).toEqual(before);
      expect(seen(await openStore(directory))).toEqual(before);
      full.broken = false;
      expect(await store.commit("t")).toEqual(["settings.motd"]);
    });
  });

  test("a disk that does not confirm a commit: the commit is told as not certain, and memory is as the file", async () => {
    await withDirectory(async (directory) => {
      const store = await newStore(directory, failing(["syncDirectory"], "EIO"));
      await store.stage("t", leaves(["settings.motd", "new"]));
      const path = join(directory, "live.json");
      await expect(store.commit("t")).rejects.toThrow(
        new Error(`${path} was changed, but the disk did not confirm it; a power cut may undo the change`),
      );
      expect(seen(store)).toEqual({ live: { "settings.motd": "new" }, pending: {} });
      expect(seen(await openStore(directory))).toEqual(seen(store));
    });
  });

  test("a committed transaction whose file cannot be removed does not come back", async () => {
    await withDirectory(async (directory) => {
      const stuck = failing(["remove"], "EROFS");
      const store = await newStore(directory, stuck);
      await store.stage("t", leaves(["settings.motd", "new"]));
      expect(await store.commit("t")).toEqual(["settings.motd"]);
      expect(await readdir(join(directory, "pending"))).toEqual(["t.json"]);
      expect(seen(await openStore(directory))).toEqual({ live: { "settings.motd": "new" }, pending: {} });
    });
  });

  test("a committed transaction whose file is stuck keeps the next commit out, so that it cannot come back", async () => {
    await withDirectory(async (directory) => {
      const stuck = failing(["remove"], "EIO");
      const store = await newStore(directory, stuck);
      await store.stage("t", leaves(["settings.motd", "old"]));
      expect(await store.commit("t")).toEqual(["settings.motd"]);
      await store.stage("u", leaves(["settings.motd", "new"]));
      await expect(store.commit("u")).rejects.toThrow(
        `${join(directory, "pending", "t.json")} could not be written: EIO: as the test wants it; nothing was changed`,
      );
      expect(seen(store)).toEqual({
        live: { "settings.motd": "old" },
        pending: { u: { "settings.motd": "new" } },
      });
      stuck.broken = false;
      expect(await store.commit("u")).toEqual(["settings.motd"]);
      expect(seen(await openStore(directory))).toEqual({ live: { "settings.motd": "new" }, pending: {} });
    });
  });

  test("the same holds when the store is opened again meanwhile, or the name is used again", async () => {
    await withDirectory(async (directory) => {
      const stuck = failing(["remove"], "EIO");
      await (await newStore(directory, stuck)).stage("t", leaves(["settings.motd", "old"]));
      await (await openStore(directory, stuck)).commit("t");
      const store = await openStore(directory, stuck);
      expect(store.transactions()).toEqual([]);
      expect(store.leftOut.map(({ message }) => message)).toEqual([
        `${join(directory, "pending", "t.json")} could not be cleared away: EIO: as the test wants it`,
      ]);
      await store.stage("u", leaves(["settings.motd", "new"]));
      await expect(store.commit("u")).rejects.toThrow("t.json");
      await store.stage("t", leaves(["settings.motd", "newer"]));
      expect(await store.commit("u")).toEqual(["settings.motd"]);
      stuck.broken = false;
      expect(await store.commit("t")).toEqual(["settings.motd"]);
      expect(seen(await openStore(directory))).toEqual({ live: { "settings.motd": "newer" }, pending: {} });
    });
  });

  test("damaged and stuck leftovers of transactions are left out and told, and do not keep the store closed", async () => {
    await withDirectory(async (directory) => {
      const store = await newStore(directory);
      await store.stage("whole", leaves(["settings.motd", "x"]));
      const pending = join(directory, "pending");
      await writeFile(join(pending, "half.json"), '{"format":1,"trans');
      await mkdir(join(pending, "folder.json"));
      await writeFile(join(pending, ".tmp-0123456789abcdef"), "half");
      const again = await openStore(directory, failing(["remove", "makeDirectory"], "EROFS"));
      expect(again.transactions()).toEqual(["whole"]);
      expect(again.leftOut.map(({ message }) => message.replaceAll(pending, "P"))).toEqual([
        "P could not be cleared away: EROFS: as the test wants it",
        "P could not be cleared away: EROFS: as the test wants it",
        "P/folder.json could not be cleared away: EISDIR: illegal operation on a directory, read",
        "P/half.json does not hold a document of the data store: it is not JSON",
      ]);
    });
  });

  test("what a killed server left beside the live document is cleared away", async () => {
    await withDirectory(async (directory) => {
      await newStore(directory);
      await writeFile(join(directory, ".tmp-0123456789abcdef"), "half");
      expect((await openStore(directory)).leftOut).toEqual([]);
      expect(await readdir(directory)).toEqual(["live.json", "pending"]);
    });
  });

  test("api Check 5: there is no store to open", async () => {
    await withDirectory(async (directory) => {
      const path = join(directory, "current");
      await expect(openStore(path)).rejects.toThrow(new Error(`There is no data store at ${path}`));
    });
  });
});
