/** Tries the way to another version and back on the settings of this host, before anything is changed. */
import { freeBytes } from "../../linux/free-space.ts";
import { documentText } from "../documents.ts";
import { readLive } from "../read-store.ts";
import { fail } from "./failures.ts";
import { goBack, isSame, migrateDocument, migrateLeaves, type Way } from "./migrate.ts";
import { checkSpace } from "./move-store.ts";

/**
 * Rehearses migrations on the store of the version that runs. Nothing is written: the copy on which it is done is in memory.
 *
 * Going forward, the way back must bring every setting back as it is now. Going backward it need not: settings of this
 * version that the older one does not have are gone there, and a later way forward fills in their defaults.
 *
 * What it cannot know is what the other version accepts, for its model comes with its image: that version looks when it
 * starts, before it takes the copy, and the host falls back if the copy is not right. Settings that are changed between the
 * rehearsal and the restart are migrated as they are then; each is judged by itself, so what was rehearsed of others holds.
 *
 * @param path        of the store, usually `…/datastore/current`
 * @param way         its migrations have been read, which has shown that this version, which carries them out on the way
 *   back, knows every step of them
 * @throws Failure "migrations/failed", "migrations/no-way-back", "migrations/no-space", "store/missing", "store/damaged"
 */
export async function rehearseMigrations(path: string, way: Way, free = freeBytes): Promise<void> {
  const { direction, migrations } = way;
  const live = await readLive(path);
  const there = migrateDocument(live, way);
  const wayBack = { ...way, migrations: migrations.toReversed() };
  const isForward = direction === "forward";
  const back = isForward
    ? goBack(there.leaves, wayBack, live.leaves)
    : migrateLeaves(there.leaves, { ...wayBack, direction: "forward" });
  const keys = [...new Set([...live.leaves.keys(), ...back.keys()])].sort();
  const lost = keys.filter((key) => !isSame(live.leaves.get(key), back.get(key)));
  if (isForward && lost.length > 0) throw fail("migrations/no-way-back", { problems: lost });
  if (migrations.length > 0) await checkSpace(path, documentText(there), free);
}
