import { describe, expect, test } from "bun:test";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { type Disk, disk, writeWhole } from "../linux/files.ts";
import type { Json } from "../settings/index.ts";
import { documentText, readDocument } from "./documents.ts";
import { type OpenStore, openStore } from "./open-store.ts";
import { prepareStore } from "./prepare-store.ts";
import { readLive } from "./read-store.ts";
import { cutAfter, failing, withDirectory } from "./testing.ts";
import { secondsLeft, type Trial, type TrialEnd, trialInBoot } from "./trial.ts";

const leaves = (...pairs: [string, Json][]): Map<string, Json> => new Map(pairs);
const old = leaves(["settings.motd", "old"], ["settings.updates.seed", 7]);
const change = leaves(["settings.motd", "tried"], ["settings.updates.seed", null], ["settings.new", [1]]);
const tried = { "settings.motd": "tried", "settings.new": [1] };
const keys = ["settings.motd", "settings.new", "settings.updates.seed"];
const start = { id: "a", seconds: 60, bootId: "first", startedAtSeconds: 100 };
const running: Trial = {
  ...start,
  before: leaves(["settings.motd", "old"], ["settings.updates.seed", 7], ["settings.new", null]),
  afterRestart: false,
};

/** A store with a change that waits to be tried. */
async function staged(directory: string, on: Disk = disk): Promise<OpenStore> {
  const text = documentText({ transaction: "", leaves: old });
  await writeWhole(join(directory, "live.json"), text, { durable: false });
  const store = await openStore(directory, on);
  await store.stage("t", change);
  return store;
}

/** A store whose trial runs. */
async function onTrial(directory: string, on: Disk = disk): Promise<OpenStore> {
  const store = await staged(directory, on);
  expect(await store.commit("t", undefined, start)).toEqual(keys);
  return store;
}

const seen = (store: OpenStore) => ({
  live: Object.fromEntries(store.live()),
  open: store.transactions(),
  trial: store.trial(),
  lastTrial: store.lastTrial(),
});
const ended = (live: Record<string, Json>, end: TrialEnd) => ({
  live,
  open: [],
  trial: undefined,
  lastTrial: { keys, end },
});

describe("a commit on trial", () => {
  test("keeps with the committed leaves what puts them back, null for what was not set", async () => {
    await withDirectory(async (directory) => {
      const store = await onTrial(directory);
      const expected = { live: tried, open: [], trial: running, lastTrial: undefined };
      expect(seen(store)).toEqual(expected);
      expect(seen(await openStore(directory))).toEqual(expected);
    });
  });

  const ends: [end: TrialEnd, live: Record<string, Json>][] = [
    ["confirmed", tried],
    ["reverted", Object.fromEntries(old)],
    ["time-up", Object.fromEntries(old)],
  ];
  for (const [end, live] of ends) {
    test(`that is ${end} leaves ${JSON.stringify(live)}, and tells how it ended`, async () => {
      await withDirectory(async (directory) => {
        const store = await onTrial(directory);
        expect(await store.endTrial(end, "other")).toBeUndefined();
        expect(await store.endTrial(end, "a")).toEqual(keys);
        expect(seen(store)).toEqual(ended(live, end));
        expect(seen(await openStore(directory))).toEqual(ended(live, end));
        expect(await store.endTrial(end)).toBeUndefined();
      });
    });
  }

  test("keeps its values from before when something else is committed meanwhile, as at boot", async () => {
    await withDirectory(async (directory) => {
      const store = await onTrial(directory);
      await store.stage("launch", leaves(["settings.generated", 1], ["settings.updates.seed", 9]));
      await store.commit("launch");
      expect(store.trial()).toEqual(running);
      await store.endTrial("reverted");
      expect(Object.fromEntries(store.live())).toEqual({
        ...Object.fromEntries(old),
        "settings.generated": 1,
      });
    });
  });

  test("that ended does not open its transaction again, though the file of that is stuck", async () => {
    await withDirectory(async (directory) => {
      const stuck = failing(["remove"], "EIO");
      const store = await onTrial(directory, stuck);
      expect(await store.endTrial("reverted")).toEqual(keys);
      expect(await readdir(join(directory, "pending"))).toEqual(["t.json"]);
      expect((await openStore(directory, stuck)).transactions()).toEqual([]);
    });
  });

  test("begins with the memory of the trial before gone", async () => {
    await withDirectory(async (directory) => {
      const store = await onTrial(directory);
      await store.endTrial("confirmed");
      await store.stage("u", leaves(["settings.motd", "again"]));
      await store.commit("u", undefined, { ...start, id: "b" });
      expect(store.lastTrial()).toBeUndefined();
      expect(store.trial()?.before).toEqual(leaves(["settings.motd", "tried"]));
    });
  });
});

describe("a power cut at any step", () => {
  const table: [what: string, prepared: typeof staged, act: (store: OpenStore) => Promise<unknown>][] = [
    ["of the commit on trial", staged, (store) => store.commit("t", undefined, start)],
    ["of its confirmation", onTrial, (store) => store.endTrial("confirmed")],
    ["of putting it back", onTrial, (store) => store.endTrial("time-up")],
    ["of moving it to this boot", onTrial, (store) => store.continueTrial({ ...running, bootId: "second" })],
  ];
  for (const [what, prepared, act] of table) {
    test(`${what} leaves everything as before or everything as after`, async () => {
      const whole = await withDirectory(async (directory) => {
        const store = await prepared(directory);
        await act(store);
        return seen(store);
      });
      let steps = 0;
      for (let finished = false; !finished; steps++) {
        finished = await withDirectory(async (directory) => {
          const before = seen(await prepared(directory));
          // One step more: opening makes sure that the directory of transactions is there.
          const store = await openStore(directory, cutAfter(steps + 1));
          const done = await act(store).then(
            () => true,
            () => false,
          );
          const afterwards = seen(await openStore(directory));
          expect([before, whole]).toContainEqual(afterwards);
          if (done) expect(afterwards).toEqual(whole);
          return done && steps > 4;
        });
      }
      expect(steps).toBeGreaterThan(3);
    });
  }
});

describe("a trial and the starts of the host", () => {
  const model = { defaults: leaves(["settings.motd", "default"]) };
  const prepared = (base: string, bootId?: string, on?: Disk) =>
    prepareStore(base, "1.11.1", model, on, bootId);

  async function hostOnTrial(base: string): Promise<string> {
    const { directory } = await prepared(base, "first");
    await onTrial(directory);
    return directory;
  }

  test("it goes on when storewolf runs again in the same boot", async () => {
    await withDirectory(async (base) => {
      const directory = await hostOnTrial(base);
      expect((await prepared(base, "first")).putBack).toEqual([]);
      expect((await readLive(directory)).trial).toEqual(running);
    });
  });

  test("it survives one start, in which its time is to begin anew; a second one puts the settings back", async () => {
    await withDirectory(async (base) => {
      const directory = await hostOnTrial(base);
      expect(await prepared(base, "second")).toMatchObject({ putBack: [], staged: [] });
      const again = { ...running, bootId: "second", startedAtSeconds: undefined, afterRestart: true };
      expect((await readLive(directory)).trial).toEqual(again);
      expect(await prepared(base, "third")).toMatchObject({ putBack: keys, staged: [] });
      expect(seen(await openStore(directory))).toEqual(ended(Object.fromEntries(old), "started-twice"));
      expect((await prepared(base, "fourth")).putBack).toEqual([]);
    });
  });

  test("defaults are staged for what is without a value after that", async () => {
    await withDirectory(async (base) => {
      const { directory } = await prepared(base, "first");
      await writeFile(join(directory, "live.json"), documentText({ transaction: "", leaves: new Map() }));
      const store = await openStore(directory);
      await store.stage("default", leaves(["settings.motd", "x"]));
      await store.commit("default", undefined, start);
      await prepared(base, "second");
      expect(await prepared(base, "third")).toMatchObject({
        putBack: ["settings.motd"],
        staged: ["settings.motd"],
      });
    });
  });

  test("a power cut at any step is made good by the next start, which tries no longer than one start", async () => {
    for (let steps = 0, finished = false; !finished; steps++) {
      finished = await withDirectory(async (base) => {
        const directory = await hostOnTrial(base);
        await prepared(base, "second");
        const done = await prepared(base, "third", cutAfter(steps)).then(
          ({ notStaged }) => notStaged === undefined,
          () => false,
        );
        await prepared(base, "fourth");
        expect((await readLive(directory)).trial).toBeUndefined();
        expect((await readLive(directory)).leaves).toEqual(old);
        return done;
      });
      expect(steps).toBeLessThan(30);
    }
  });

  test("without the identity of the boot it is left to the server", async () => {
    await withDirectory(async (base) => {
      const directory = await hostOnTrial(base);
      expect((await prepared(base)).putBack).toEqual([]);
      expect((await readLive(directory)).trial).toEqual(running);
    });
  });

  test("a full disk keeps the trial as it is, and is told", async () => {
    await withDirectory(async (base) => {
      const directory = await hostOnTrial(base);
      const full = failing(["createFile"], "ENOSPC");
      expect((await prepared(base, "second", full)).notStaged?.message).toContain("ENOSPC");
      expect((await readLive(directory)).trial).toEqual(running);
      expect(trialInBoot(running, "second")).toMatchObject({ bootId: "second", afterRestart: true });
    });
  });
});

describe("the time that is left", () => {
  const table: [
    what: string,
    startedAtSeconds: number | undefined,
    uptime: number,
    left: number,
    boot?: string,
  ][] = [
    ["is all of it at the beginning", 100, 100, 60],
    ["is less later", 100, 159.5, 0.5],
    ["is none at the end", 100, 160, 0],
    ["is negative when nobody looked", 100, 200, -40],
    ["is all of it before the server has started", undefined, 5, 60],
    ["is all of it in a boot in which it does not run yet", 100, 500, 60, "second"],
  ];
  for (const [what, startedAtSeconds, uptime, left, bootId = "first"] of table) {
    const clock = { bootId, uptimeSeconds: () => uptime };
    test(what, () => expect(secondsLeft({ ...running, startedAtSeconds }, clock)).toBe(left));
  }
});

describe("the document of a trial", () => {
  test("is read as it was written", () => {
    const trial = fc.record({
      id: fc.string(),
      before: fc
        .dictionary(fc.string(), fc.option(fc.jsonValue() as fc.Arbitrary<Json>))
        .map((values) => new Map(Object.entries(values))),
      seconds: fc.integer({ min: 1, max: 86_400 }),
      bootId: fc.string(),
      startedAtSeconds: fc.option(fc.nat(), { nil: undefined }),
      afterRestart: fc.boolean(),
    });
    fc.assert(
      fc.property(trial, (one) => {
        const text = documentText({ transaction: "t", leaves: old, trial: one });
        const { trial: read } = readDocument("x", text);
        expect(
          documentText({ transaction: "t", leaves: old, ...(read === undefined ? {} : { trial: read }) }),
        ).toBe(text);
        expect({ ...read, before: undefined }).toEqual({ ...one, before: undefined });
      }),
    );
  });

  test("that is none of ours is damaged, and not taken for no trial", () => {
    for (const trial of [1, {}, { id: "a" }, null]) {
      const text = JSON.stringify({ format: 1, transaction: "t", trial, leaves: {} });
      expect(() => readDocument("/x/live.json", text)).toThrow(
        new Error("/x/live.json does not hold a document of the data store: its trial is none"),
      );
    }
  });
});
