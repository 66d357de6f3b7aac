/**
 * What each command does to the flags of the two sets. Decides only.
 *
 * Source: specification "os-image" 1.3, "updates" 2.2. Beyond it, the start counter is cleared wherever a set is
 * proven, emptied, or chosen by a person: it must not take away what was just decided.
 */
import type { BootFlags } from "./partition-sets.ts";

interface ActiveAndInactive {
  readonly active: BootFlags;
  readonly inactive: BootFlags;
}

export type Transition = (
  sets: ActiveAndInactive,
) =>
  | { readonly ok: true; readonly sets: ActiveAndInactive }
  | { readonly ok: false; readonly problem: string };

export type TransitionName =
  | "mark-successful-boot"
  | "clear-inactive"
  | "mark-inactive-valid"
  | "upgrade-to-inactive"
  | "cancel-upgrade"
  | "rollback-to-inactive";

const NEXT = 2; // priority of the set that shall start next
const FALLBACK = 1; // priority of the set to fall back to
const TRIES = 1; // starts the selector may spend on a new set before it falls back

export const transitions: { readonly [Name in TransitionName]: Transition } = {
  "mark-successful-boot": (sets) => to(sets, { active: { successful: true, starts: 0 } }),
  "clear-inactive": (sets) =>
    to(sets, { inactive: { priority: 0, triesLeft: 0, successful: false, starts: 0 } }),
  "mark-inactive-valid": (sets) => to(sets, { inactive: { triesLeft: TRIES } }),
  "upgrade-to-inactive": upgradeToInactive,
  "cancel-upgrade": (sets) => to(sets, { active: { priority: NEXT }, inactive: { priority: 0 } }),
  "rollback-to-inactive": rollbackToInactive,
};

function upgradeToInactive(sets: ActiveAndInactive): ReturnType<Transition> {
  const { inactive } = sets;
  if (inactive.priority !== 0 || inactive.successful) {
    return refuse(inactive, "is already marked for upgrade; clear it and write an image first");
  }
  if (inactive.triesLeft === 0) {
    return refuse(inactive, "is not marked valid; write an image and mark it valid first");
  }
  return to(sets, {
    active: { priority: FALLBACK },
    inactive: { priority: NEXT, successful: false, starts: 0 },
  });
}

function rollbackToInactive(sets: ActiveAndInactive): ReturnType<Transition> {
  const { inactive } = sets;
  // "Bootable" in the words of this command (updates 2.2): success is enough, because it raises the priority itself.
  if (!inactive.successful && !(inactive.priority > 0 && inactive.triesLeft > 0)) {
    return refuse(inactive, "is not bootable");
  }
  return to(sets, { active: { priority: FALLBACK }, inactive: { priority: NEXT, starts: 0 } });
}

function to(
  sets: ActiveAndInactive,
  changes: { readonly active?: Partial<BootFlags>; readonly inactive?: Partial<BootFlags> },
): ReturnType<Transition> {
  const active = { ...sets.active, ...changes.active };
  const inactive = { ...sets.inactive, ...changes.inactive };
  return { ok: true, sets: { active, inactive } };
}

function refuse(inactive: BootFlags, what: string): ReturnType<Transition> {
  const { priority, triesLeft, successful } = inactive;
  const found = `priority=${priority} tries_left=${triesLeft} successful=${successful}`;
  return { ok: false, problem: `The inactive set ${what} (found ${found})` };
}
