import { describe, expect, test } from "bun:test";
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

  test("the store that was given is not changed", () => {
    const before = structuredClone(store);
    stage(store, "t", leaves(["settings.motd", "x"]));
    commit(store, "t");
    discard(store, "t");
    expect(store).toEqual(before);
  });
});
