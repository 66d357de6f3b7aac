import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Json } from "../settings/index.ts";
import { commit, discard, type Store, stage } from "./transactions.ts";

const leaves = (...pairs: [string, Json][]): Map<string, Json> => new Map(pairs);
const store: Store = {
  live: leaves(["settings.motd", "old"], ["settings.updates.seed", 7]),
  pending: new Map([["t", leaves(["settings.motd", "new"], ["settings.dns.search-list", []])]]),
};

describe("transactions", () => {
  test("staging adds to what is pending; the later value of a leaf counts", () => {
    const after = stage(store, "t", leaves(["settings.motd", "newer"]));
    expect(after.pending.get("t")).toEqual(
      leaves(["settings.motd", "newer"], ["settings.dns.search-list", []]),
    );
    expect(after.live).toBe(store.live);
  });

  test("staging no leaves opens no transaction", () => {
    expect(stage(store, "other", new Map())).toBe(store);
  });

  test("api Check 9: a commit makes the leaves live, tells all keys and ends the transaction", () => {
    expect(commit(store, "t")).toEqual({
      store: {
        live: leaves(
          ["settings.motd", "new"],
          ["settings.updates.seed", 7],
          ["settings.dns.search-list", []],
        ),
        pending: new Map(),
      },
      changed: ["settings.dns.search-list", "settings.motd"],
    });
  });

  test("api Check 9: a commit of nothing changes nothing", () => {
    expect(commit(store, "other")).toEqual({ store, changed: undefined });
  });

  test("api Check 10: discarding tells the keys once, then none", () => {
    const { store: after, discarded } = discard(store, "t");
    expect(discarded).toEqual(["settings.dns.search-list", "settings.motd"]);
    expect(after).toEqual({ live: store.live, pending: new Map() });
    expect(discard(after, "t")).toEqual({ store: after, discarded: [] });
  });

  test("a leaf staged as null is removed by the commit, which tells its key, and is no live leaf", () => {
    const staged = stage(store, "t", leaves(["settings.updates.seed", null], ["settings.absent", null]));
    expect(commit(staged, "t")).toEqual({
      store: {
        live: leaves(["settings.motd", "new"], ["settings.dns.search-list", []]),
        pending: new Map(),
      },
      changed: ["settings.absent", "settings.dns.search-list", "settings.motd", "settings.updates.seed"],
    });
  });

  test("a transaction that only removes what is not there is a change all the same", () => {
    const staged = stage(store, "u", leaves(["settings.absent", null]));
    expect(commit(staged, "u").changed).toEqual(["settings.absent"]);
    expect(commit(staged, "u").store.live).toEqual(store.live);
  });

  test("of a value and a removal of the same leaf, what was staged last counts", () => {
    const removedLast = stage(store, "t", leaves(["settings.motd", null]));
    expect(commit(removedLast, "t").store.live.has("settings.motd")).toBe(false);
    const setLast = stage(removedLast, "t", leaves(["settings.motd", "again"]));
    expect(commit(setLast, "t").store.live.get("settings.motd")).toBe("again");
  });

  test("for any changes: live never holds null, the last change of a leaf counts, others stay as they are", () => {
    const key = fc.constantFrom("settings.a", "settings.b", 'settings."c.d"', "settings.e");
    const change = fc.dictionary(key, fc.option(fc.nat(9)), { maxKeys: 4 });
    fc.assert(
      fc.property(fc.dictionary(key, fc.nat(9)), fc.array(change, { maxLength: 4 }), (before, changes) => {
        let at: Store = { live: leaves(...Object.entries(before)), pending: new Map() };
        for (const one of changes) at = stage(at, "t", leaves(...Object.entries(one)));
        const { store: after, changed = [] } = commit(at, "t");
        const last: Record<string, number | null> = Object.assign({}, ...changes);
        expect([...changed]).toEqual(Object.keys(last).sort());
        const expected = Object.entries({ ...before, ...last }).filter(([, value]) => value !== null);
        expect(Object.fromEntries(after.live)).toEqual(Object.fromEntries(expected));
      }),
    );
  });

  test("the store that was given is not changed", () => {
    const before = structuredClone(store);
    stage(store, "t", leaves(["settings.motd", "x"]));
    commit(store, "t");
    discard(store, "t");
    expect(store).toEqual(before);
  });
});
