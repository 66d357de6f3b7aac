/** How updates stand, in a few lines for people. Decides. */
import type { UpdateProgress, UpdateStatus } from "../../update/dispatcher/index.ts";
import { progressText } from "./progress-text.ts";
import { aligned } from "./status-text.ts";

/** Ends with a newline. */
export function updateText(progress: UpdateProgress, version: string): string {
  const { running, status, sets, refused } = progress;
  const set = sets === null ? "" : ` (set ${sets.active})`;
  const last = status?.most_recent_command;
  const rows = [
    ["running", `${version}${set}`],
    ...(running === null ? [] : [["now", progressText(running)]]),
    ["update", updateLine(status)],
    ["rollback", rollbackLine(sets)],
    ...refused.map((one) => ["refused", refusedLine(one)]),
    ...(last === undefined || last === null || last.cmd_status === "Success"
      ? []
      : [
          ["failed", `${last.cmd_type}, ${last.timestamp}: ${(last.stderr ?? "").trim().split("\n").at(-1)}`],
        ]),
  ];
  return `${aligned(rows).join("\n")}\n`;
}

function updateLine(status: UpdateStatus | null): string {
  if (status === null) return "not looked for since the host started: apiclient update check";
  const { chosen_update: chosen, staging_partition: staging } = status;
  const staged = staging?.image.version ?? "an update";
  const newer =
    chosen === null || chosen.version === staging?.image.version
      ? ""
      : `; ${chosen.version} is available as well`;
  switch (status.update_state) {
    case "Idle":
      return status.most_recent_command === null
        ? "not looked for since the host started: apiclient update check"
        : "none";
    case "Available":
      return `${chosen?.version ?? "one"} is available: apiclient update apply`;
    case "Staged":
      return `${staged} is written, but not what the next boot starts: apiclient update apply${newer}`;
    case "Ready":
      return `${staged} starts at the next boot: apiclient reboot, or take it back: apiclient update cancel${newer}`;
  }
}

function rollbackLine(sets: UpdateProgress["sets"]): string {
  if (sets === null) return "not possible: the root file system is of no partition set";
  const { set, holds, image } = sets.inactive;
  const what = image?.version ?? "an image of unknown version";
  switch (holds) {
    case "proven":
      return sets.next === set
        ? `${what} (set ${set}) starts at the next boot`
        : `${what} (set ${set}): signpost rollback-to-inactive, then reboot`;
    case "nothing":
      return `nothing: set ${set} is empty`;
    case "staged":
    case "activated":
      return `nothing: set ${set} holds ${what}, which has not been started yet`;
    case "failed":
      return `nothing: set ${set} holds ${what}, which did not come up well`;
  }
}

/** A version that is not taken, why, and how to take it nevertheless. */
export const refusedLine = ({ version, reason, time }: UpdateProgress["refused"][number]): string =>
  `${version} is not taken since ${time}: ${reason}. To take it nevertheless: apiclient update apply --retry`;
