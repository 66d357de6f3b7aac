import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { mergeLeaves } from "../../settings/index.ts";
import type { StoreDocument } from "../documents.ts";
import { type Trial, withEndedTrial } from "../trial.ts";
import { goBack, migrateDocument, migrateLeaves } from "./migrate.ts";
import { anyMigrations, leaves, migration, oldSettings, render } from "./testing.ts";

const forth = [
  migration({ "replace-string": { key: "settings.a", old: "1", new: "2" } }),
  migration(
    { "rename-setting": { from: "settings.a", to: "settings.b" } },
    { "replace-string": { key: "settings.b", old: "2", new: "3" } },
  ),
];
const back = forth.toReversed();

test("Check 32: migrations run in their order forward, and backward in the reverse, steps included", () => {
  expect(
    migrateLeaves(leaves({ "settings.a": "1" }), { direction: "forward", migrations: forth, render }),
  ).toEqual(leaves({ "settings.b": "3" }));
  expect(migrateLeaves(leaves({ "settings.b": "3" }), { direction: "backward", migrations: back })).toEqual(
    leaves({ "settings.a": "1" }),
  );
});

describe("going back", () => {
  const rise = [
    migration(
      { "remove-settings": ["settings.gone"] },
      { "replace-string": { key: "settings.v", old: "v1", new: "v2" } },
    ),
  ];

  test("restores what the newer version had removed, from the settings that were kept", () => {
    const before = leaves({ "settings.gone": "precious" });
    expect(migrateLeaves(leaves({}), { direction: "backward", migrations: rise })).toEqual(leaves({}));
    expect(goBack(leaves({}), { migrations: rise, render }, before)).toEqual(before);
  });

  test("leaves the newer default to a user who had chosen it before", () => {
    const before = leaves({ "settings.v": "v2" });
    const there = migrateLeaves(before, { direction: "forward", migrations: rise });
    expect(migrateLeaves(there, { direction: "backward", migrations: rise })).toEqual(
      leaves({ "settings.v": "v1" }),
    );
    expect(goBack(there, { migrations: rise, render }, before)).toEqual(before);
  });

  test("keeps what was set or unset in the newer version", () => {
    const before = leaves({ "settings.v": "v1", "settings.x": "1", "settings.y": "1" });
    const changed = leaves({ "settings.v": "mine", "settings.x": "2" });
    expect(goBack(changed, { migrations: rise, render }, before)).toEqual(changed);
  });

  test("brings back what a template had made, and what the user had put in its place", () => {
    const [old, next] = ["{settings.region}/old", "{settings.region}/new"];
    const migrations = [migration({ "replace-template": { key: "settings.source", old, new: next } })];
    for (const source of ["eu/old", "eu/new", "mine"]) {
      const before = leaves({ "settings.region": "eu", "settings.source": source });
      const there = migrateLeaves(before, { direction: "forward", migrations, render });
      expect(there.get("settings.source")).toBe(source === "mine" ? "mine" : "eu/new");
      expect(goBack(there, { migrations, render }, before)).toEqual(before);
    }
  });

  test("brings any settings back through any migrations", () => {
    fc.assert(
      fc.property(oldSettings, anyMigrations, (settings, migrations) => {
        const there = migrateLeaves(settings, { direction: "forward", migrations, render });
        const again = goBack(there, { migrations: migrations.toReversed(), render }, settings);
        expect(sorted(again)).toEqual(sorted(settings));
      }),
      { numRuns: 500 },
    );
  });
});

describe("settings on trial", () => {
  const trial = (before: Trial["before"]): Trial => ({
    id: "t",
    before,
    seconds: 60,
    bootId: "b",
    startedAtSeconds: 1,
    afterRestart: false,
  });

  test("stay on trial, and what would be put back is migrated too", () => {
    const document: StoreDocument = {
      transaction: "x",
      leaves: leaves({ "settings.a": "mine" }),
      trial: trial(leaves({ "settings.a": "1", "settings.c": null })),
    };
    expect(migrateDocument(document, { direction: "forward", migrations: forth, render })).toEqual({
      transaction: "x",
      leaves: leaves({ "settings.b": "mine" }),
      trial: trial(leaves({ "settings.b": "3", "settings.c": null })),
    });
  });

  test("are put back to the same, before a migration or after it", () => {
    fc.assert(
      fc.property(oldSettings, oldSettings, anyMigrations, (live, staged, migrations) => {
        const before = new Map([...staged.keys()].map((key) => [key, live.get(key) ?? null]));
        const tried = { transaction: "x", leaves: mergeLeaves(live, staged), trial: trial(before) };
        const migrated = migrateDocument(tried, { direction: "forward", migrations, render });
        const putBack = withEndedTrial(migrated, migrated.trial ?? trial(before), "reverted").leaves;
        expect(sorted(putBack)).toEqual(
          sorted(migrateLeaves(live, { direction: "forward", migrations, render })),
        );
      }),
      { numRuns: 500 },
    );
  });
});

function sorted(of: ReadonlyMap<string, unknown>): readonly unknown[] {
  return [...of].sort(([a], [b]) => (a < b ? -1 : 1));
}
