/** Takes the settings of a store from one version to another, and back to what they were. Decides. */
import type { Json } from "../../settings/index.ts";
import type { StoreDocument } from "../documents.ts";
import type { Leaves } from "../transactions.ts";
import { fail } from "./failures.ts";
import type { Migration } from "./format.ts";
import { carryOut, type Direction, type Render } from "./steps.ts";

/** What leads from one version to another. */
export interface Way {
  readonly direction: Direction;
  /** In the order of the direction; the steps of each are turned round here. */
  readonly migrations: readonly Migration[];
  readonly render: Render;
}

/** @throws Failure "migrations/failed" with its cause */
export function migrateLeaves(
  leaves: Leaves,
  way: Pick<Way, "direction" | "migrations"> & Partial<Way>,
): Leaves {
  const { direction, migrations, render } = way;
  return migrations.reduce((before, { name, steps }) => {
    const inOrder = direction === "forward" ? steps : steps.toReversed();
    try {
      return inOrder.reduce((each, step) => carryOut(step, direction, each, render), before);
    } catch (cause) {
      throw fail("migrations/failed", { name, direction }, { cause });
    }
  }, leaves);
}

/**
 * Goes back to an older version.
 *
 * @param leaves  of the newer version
 * @param kept    what the settings were when the newer version took them over. What the newer version has as it took it
 *   over becomes again what it was, also where a step cannot tell: a removed setting, a value that the user had chosen
 *   and that is also the newer default
 * @throws Failure "migrations/failed" with its cause
 */
export function goBack(leaves: Leaves, way: Omit<Way, "direction">, kept: Leaves): Leaves {
  const result = new Map(migrateLeaves(leaves, { ...way, direction: "backward" }));
  const onward = { direction: "forward", migrations: way.migrations.toReversed() } as const;
  const taken = migrateLeaves(kept, { ...onward, render: way.render });
  for (const [key, value] of kept) {
    const [newKey] = migrateLeaves(new Map([[key, value]]), onward).keys();
    const isUnchanged =
      newKey === undefined ? !result.has(key) : isSame(leaves.get(newKey), taken.get(newKey));
    if (isUnchanged) result.set(key, value);
  }
  return result;
}

/**
 * Takes a whole document along a way.
 *
 * Settings on trial stay on trial, for a trial outlives one restart, and what would be put back is migrated too. What is
 * pending is not the business of a migration: transactions end at every boot (specification "api" 9.1).
 *
 * @param kept  as `goBack` wants it, where there is something
 */
export function migrateDocument(document: StoreDocument, way: Way, kept?: Leaves): StoreDocument {
  const { trial } = document;
  const leaves =
    kept === undefined ? migrateLeaves(document.leaves, way) : goBack(document.leaves, way, kept);
  if (trial === undefined) return { ...document, leaves };
  const { direction, migrations } = way;
  const before = migrateLeaves(trial.before, { direction, migrations });
  return { ...document, leaves, trial: { ...trial, before } };
}

/** Whether two values are the same; the names of tables stand in the order in which they were stored. */
export function isSame(a: Json | undefined, b: Json | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
