/** What a set of partitions holds, as its flags tell. Decides. */
import type { BootFlags, SetName } from "../partition-sets.ts";
import type { Image, UpdateStatus } from "./status.ts";

/**
 * `nothing`: never to be started, an update begins so. `staged`: a whole image that is not activated. `activated`: an
 * image that the next boot tries. `failed`: an image that was tried and did not come up well. `proven`: an image that
 * has come up well; of the inactive set, what a rollback gives.
 */
export const setContents = ["nothing", "staged", "activated", "failed", "proven"] as const;
export type SetContent = (typeof setContents)[number];

/** What the flags of a set that does not run say of it. */
export function contentOf({ priority, triesLeft, successful }: BootFlags): SetContent {
  if (successful) return "proven";
  if (triesLeft > 0) return priority > 0 ? "activated" : "staged";
  return priority > 0 ? "failed" : "nothing";
}

/** The two sets, seen from the one that runs. */
export interface SetsView {
  readonly active: SetName;
  /** The set that the next boot starts; null if none would start. */
  readonly next: SetName | null;
  readonly inactive: {
    readonly set: SetName;
    readonly holds: SetContent;
    /** What was written there; null where nobody knows, and where there is nothing. */
    readonly image: Image | null;
  };
}

/** The status with the state and the slots as the flags are, where these are of a staged image. */
export function asSetsSay(status: UpdateStatus, { active, next, inactive }: SetsView): UpdateStatus {
  const { active_partition: running, staging_partition: staged } = status;
  const isActivated = inactive.holds === "activated" && next === inactive.set;
  if (staged === null || !(isActivated || inactive.holds === "staged")) return status;
  return {
    ...status,
    update_state: isActivated ? "Ready" : "Staged",
    active_partition: running && { ...running, next_to_boot: next === active },
    staging_partition: { ...staged, next_to_boot: isActivated },
  };
}

/**
 * The status of a host on which no command has run since it started. An image that was staged before the reboot is
 * staged still, and may be activated without writing it again.
 */
export function firstStatus(running: Image, { active, next, inactive }: SetsView): UpdateStatus {
  const { image, holds } = inactive;
  const isActivated = holds === "activated" && next === inactive.set;
  const waits = image !== null && (holds === "staged" || isActivated);
  return {
    update_state: !waits ? "Idle" : isActivated ? "Ready" : "Staged",
    available_updates: [],
    chosen_update: null,
    active_partition: { image: running, next_to_boot: next === active },
    staging_partition: waits ? { image, next_to_boot: isActivated } : null,
    most_recent_command: null,
  };
}
