/** When a set on trial gives way to the other one. Decides only. */
import type { HostSets } from "./host-sets.ts";
import { nextSet, type SetName } from "./partition-sets.ts";

/**
 * The set that a reboot now would start instead of the active one, when the active one has never been marked good.
 *
 * @returns undefined when the active set has proved itself, when it would be started once more, or when no set would
 */
export function setToFallBackTo({ active, sets }: Pick<HostSets, "active" | "sets">): SetName | undefined {
  if (sets[active].flags.successful) return undefined;
  const next = nextSet(sets.A.flags, sets.B.flags);
  return next === active ? undefined : next;
}
