/**
 * What became of an update, seen from the boot that runs now. Decides only.
 *
 * The flags count first, since they are what the boot selector obeyed; the files say of which version they speak. Every
 * order in which power can fail between the two leads to one of these outcomes, and each is right to come to again.
 */
import type { Attempt, FailedTrial } from "./attempts.ts";
import type { HostSets } from "./host-sets.ts";
import { type BootFlags, otherSet } from "./partition-sets.ts";

/**
 * `waiting`: the next start tries it. `on-trial`: it runs now, and has not been marked good. `succeeded`: it runs now
 * and is good. `withdrawn`: somebody decided against it before it had failed, or it was good once and another version
 * was chosen since.
 */
export type AttemptOutcome =
  | { readonly kind: "waiting" | "on-trial" | "succeeded" | "withdrawn" }
  | { readonly kind: "failed"; readonly reason: string };

/**
 * Decides the outcome of the last activated update.
 *
 * @param running  the version that runs
 * @param trial    what a set on trial left before it gave up
 * @source  specification "updates" 1.2, 3 and 20
 */
export function attemptOutcome(
  { active, sets }: Pick<HostSets, "active" | "sets">,
  attempt: Attempt,
  running: string,
  trial: FailedTrial | undefined,
): AttemptOutcome {
  const own = sets[active].flags;
  const other = sets[otherSet(active)].flags;
  if (isActivated(own, other)) {
    if (other.triesLeft > 0) return { kind: "waiting" };
    // Of another version: from a trial before this one, which power cut short of being forgotten.
    const said = trial?.version === attempt.version ? trial.reason : undefined;
    return { kind: "failed", reason: said ?? SILENT };
  }
  if (!own.successful) return { kind: "on-trial" };
  return { kind: attempt.version === running ? "succeeded" : "withdrawn" };
}

const SILENT = "it did not come up: its kernel, root or init failed, or the power was cut";

/** Somebody who takes an update back, or goes back from one, gives the set that stays the higher priority. */
function isActivated(active: BootFlags, inactive: BootFlags): boolean {
  return inactive.priority > active.priority && !inactive.successful;
}
