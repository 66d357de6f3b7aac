/** Takes the settings of a store from one version to another, and back to what they were. Decides. */
import type { Json } from "../../settings/index.ts";
import type { StoreDocument } from "../documents.ts";
import type { Leaves } from "../transactions.ts";
import { fail } from "./failures.ts";
import type { Migration } from "./format.ts";
import { carryOut, type Direction } from "./steps.ts";

/**
 * Carries migrations out.
 *
 * @param migrations  in the order of the direction; the steps of each are turned round here
 * @param kept        going backward, what the settings were when the newer version took them over. What the newer version
 *   has as it took it over becomes again what it was, also where a step cannot tell: a removed setting, a value that
 *   the user had chosen and that is also the newer default
 * @throws Failure "migrations/failed" with its cause
 */
export function migrateLeaves(
  leaves: Leaves,
  direction: Direction,
  migrations: readonly Migration[],
  kept?: Leaves,
): Leaves {
  const migrated = migrations.reduce(
    (before, migration) => carryOutAll(migration, direction, before),
    leaves,
  );
  if (direction === "forward" || kept === undefined) return migrated;
  const result = new Map(migrated);
  const onward = migrations.toReversed();
  for (const [key, value] of kept) {
    const [taken] = migrateLeaves(new Map([[key, value]]), "forward", onward);
    const isUnchanged = taken === undefined ? !result.has(key) : isSame(leaves.get(taken[0]), taken[1]);
    if (isUnchanged) result.set(key, value);
  }
  return result;
}

/**
 * The same for a whole document.
 *
 * Settings on trial stay on trial, for a trial outlives one restart, and what would be put back is migrated too. What is
 * pending is not the business of a migration: transactions end at every boot (specification "api" 9.1).
 */
export function migrateDocument(
  document: StoreDocument,
  direction: Direction,
  migrations: readonly Migration[],
  kept?: Leaves,
): StoreDocument {
  const { trial } = document;
  const leaves = migrateLeaves(document.leaves, direction, migrations, kept);
  if (trial === undefined) return { ...document, leaves };
  return {
    ...document,
    leaves,
    trial: { ...trial, before: migrateLeaves(trial.before, direction, migrations) },
  };
}

function carryOutAll({ name, steps }: Migration, direction: Direction, leaves: Leaves): Leaves {
  const inOrder = direction === "forward" ? steps : steps.toReversed();
  try {
    return inOrder.reduce((before, step) => carryOut(step, direction, before), leaves);
  } catch (cause) {
    throw fail("migrations/failed", { name, direction }, { cause });
  }
}

/** Whether two values are the same; the names of tables stand in the order in which they were stored. */
export function isSame(a: Json | undefined, b: Json | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
