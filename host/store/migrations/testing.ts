/** For tests: migrations as people write them, and arbitrary settings with migrations that fit them. */
import fc from "fast-check";
import type { Json } from "../../settings/index.ts";
import type { Leaves } from "../transactions.ts";
import { type Migration, parseMigration } from "./format.ts";
import type { Render } from "./steps.ts";

/** A migration of steps as JSON has them. */
export function migration(...steps: readonly Json[]): Migration {
  return parseMigration("migrate_v1.12.0_test.lz4", JSON.stringify({ format: 1, steps }));
}

/** A template engine: `{KEY}` is the value of a setting, and an error where there is none. */
export const render: Render = (_, template, settings) =>
  template.replace(/\{(.*?)\}/g, (_, name: string) => {
    const value = settings.get(name);
    if (typeof value === "string") return value;
    throw new Error(`there is no ${name}`);
  });

export function leaves(of: Readonly<Record<string, Json>>): Leaves {
  return new Map(Object.entries(of));
}

const scalars: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom("old", "new", "other", ""),
  fc.constantFrom(1, 2, 3),
  fc.boolean(),
  fc.array(fc.constantFrom("old", "new"), { maxLength: 3 }),
);
const names = ["a", "aws", "awsome", "a.x", 'a."v.1"', "b"].map((name) => `settings.${name}`);

/** Settings that an older version can have. */
export const oldSettings: fc.Arbitrary<Leaves> = fc
  .array(fc.tuple(fc.constantFrom(...names), scalars), { maxLength: 8 })
  // A leaf above another one cannot come out of a check.
  .map((pairs) => new Map(pairs.filter(([key]) => key !== "settings.a")));

const key = fc.constantFrom(...names);
const word = fc.constantFrom("old", "new", "other");
const words = fc.array(fc.constantFrom("old", "new"), { maxLength: 3 });
/** Keys that only the newer version has. */
const newKey = fc.constantFrom("settings.n", "settings.m.y");

const anyStep: fc.Arbitrary<Json> = fc.oneof(
  fc.record({ "add-settings": fc.tuple(newKey) }),
  fc.record({ "add-prefixes": fc.tuple(newKey) }),
  fc.record({ "remove-settings": fc.tuple(key) }),
  fc.record({ "remove-prefixes": fc.tuple(key) }),
  fc.record({ "replace-string": fc.record({ key, old: word, new: word }) }),
  fc.record({ "replace-list": fc.record({ key, old: words, new: words }) }),
  fc.record({ "replace-number": fc.record({ key, old: fc.nat(3), new: fc.nat(3) }) }),
  fc.record({ "replace-boolean": fc.record({ key, old: fc.boolean(), new: fc.boolean() }) }),
);
const rename = key.map((from) => ({ "rename-setting": { from, to: "settings.renamed.here" } }));

/** Migrations from one version to the next; at most one of them renames something. */
export const anyMigrations: fc.Arbitrary<readonly Migration[]> = fc
  .tuple(fc.array(fc.array(anyStep, { maxLength: 4 }), { maxLength: 3 }), fc.option(rename))
  .map(([lists, renaming]) =>
    [...lists, renaming === null ? [] : [renaming]].map((steps) => migration(...steps)),
  );
