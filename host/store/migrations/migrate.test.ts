import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { mergeLeaves } from "../../settings/index.ts";
import type { StoreDocument } from "../documents.ts";
import { type Trial, withEndedTrial } from "../trial.ts";
import { migrateDocument, migrateLeaves } from "./migrate.ts";
import { anyMigrations, leaves, migration, oldSettings } from "./testing.ts";

const forth = [
  migration({ "replace-string": { key: "settings.a", old: "1", new: "2" } }),
  migration(
    { "rename-setting": { from: "settings.a", to: "settings.b" } },
    { "replace-string": { key: "settings.b", old: "2", new: "3" } },
  ),
];
const back = forth.toReversed();

test("Check 32: migrations run in their order forward, and backward in the reverse, steps included", () => {
  expect(migrateLeaves(leaves({ "settings.a": "1" }), "forward", forth)).toEqual(
    leaves({ "settings.b": "3" }),
  );
  expect(migrateLeaves(leaves({ "settings.b": "3" }), "backward", back)).toEqual(
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
    expect(migrateLeaves(leaves({}), "backward", rise)).toEqual(leaves({}));
    expect(migrateLeaves(leaves({}), "backward", rise, before)).toEqual(before);
  });

  test("leaves the newer default to a user who had chosen it before", () => {
    const before = leaves({ "settings.v": "v2" });
    const there = migrateLeaves(before, "forward", rise);
    expect(migrateLeaves(there, "backward", rise)).toEqual(leaves({ "settings.v": "v1" }));
    expect(migrateLeaves(there, "backward", rise, before)).toEqual(before);
  });

  test("keeps what was set or unset in the newer version", () => {
    const before = leaves({ "settings.v": "v1", "settings.x": "1", "settings.y": "1" });
    const changed = leaves({ "settings.v": "mine", "settings.x": "2" });
    expect(migrateLeaves(changed, "backward", rise, before)).toEqual(changed);
  });

  test("brings any settings back through any migrations", () => {
    fc.assert(
      fc.property(oldSettings, anyMigrations, (settings, migrations) => {
        const there = migrateLeaves(settings, "forward", migrations);
        const again = migrateLeaves(there, "backward", migrations.toReversed(), settings);
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
    expect(migrateDocument(document, "forward", forth)).toEqual({
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
        const migrated = migrateDocument(tried, "forward", migrations);
        const putBack = withEndedTrial(migrated, migrated.trial ?? trial(before), "reverted").leaves;
        expect(sorted(putBack)).toEqual(sorted(migrateLeaves(live, "forward", migrations)));
      }),
      { numRuns: 500 },
    );
  });
});

function sorted(of: ReadonlyMap<string, unknown>): readonly unknown[] {
  return [...of].sort(([a], [b]) => (a < b ? -1 : 1));
}
