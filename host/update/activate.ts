/** Has the written update tried at the next boot, or not (specification "updates" 7). Acts; needs no network. */
import { forgetAttempt, recordAttempt } from "./attempts.ts";
import { changeHostSets, type HostPlace, readHostSets } from "./host-sets.ts";
import { otherSet } from "./partition-sets.ts";
import { readPrepared } from "./prepared.ts";
import { transitions } from "./set-transitions.ts";
import type { Version } from "./version.ts";

/**
 * The inactive set is tried at the next boot.
 *
 * @param running  the version that runs, and runs again if the other fails
 * @throws Failure "partition-sets/refused" when it holds no whole image, or is activated already
 */
export async function activateUpdate(place: HostPlace, running: Version): Promise<void> {
  const { active, sets } = await readHostSets(place);
  const inactive = sets[otherSet(active)];
  const isAllowed = transitions["upgrade-to-inactive"]({
    active: sets[active].flags,
    inactive: inactive.flags,
  }).ok;
  const version = await readPrepared(place.root);
  // Before the flags: if power fails in between, nobody asks what is recorded of an attempt that was never made.
  if (isAllowed && version !== undefined) {
    await recordAttempt(place.root, { version, from: running.text });
  }
  await changeHostSets(place, "upgrade-to-inactive");
}

/** The set that runs is started at the next boot, too. What was written stays, and may be activated again. */
export async function withdrawUpdate(place: HostPlace): Promise<void> {
  await changeHostSets(place, "cancel-upgrade");
  await forgetAttempt(place.root);
}
