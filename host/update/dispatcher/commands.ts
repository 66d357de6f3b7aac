/**
 * What the dispatcher's commands may do in which state, and what becomes of the state (specification "updates" 8.4).
 * Decides.
 */
import type { CommandName, CommandResult, Image, UpdateState, UpdateStatus } from "./status.ts";

/** The dispatcher's exit codes (8.1). */
export const exitCodes = { failed: 1, usage: 2, locked: 64, notAllowed: 65, noChoice: 66, nothingStaged: 67 };

/** `chosen` and `staged`: run it if there is a chosen update, or something staged. */
type Rule = "run" | "refuse" | "chosen" | "staged";

const rules: { readonly [Command in CommandName]: { readonly [State in UpdateState]: Rule } } = {
  refresh: { Idle: "run", Available: "run", Staged: "run", Ready: "run" },
  prepare: { Idle: "refuse", Available: "chosen", Staged: "chosen", Ready: "refuse" },
  activate: { Idle: "refuse", Available: "refuse", Staged: "staged", Ready: "refuse" },
  deactivate: { Idle: "refuse", Available: "refuse", Staged: "refuse", Ready: "staged" },
};

/** Why a command is not run. */
export interface Refusal {
  readonly exitCode: number;
  /** One line, with what to do. */
  readonly says: string;
}

/** Why a command must not run now, or undefined if it may. */
export function refusalOf(command: CommandName, status: UpdateStatus): Refusal | undefined {
  switch (rules[command][status.update_state]) {
    case "run":
      return undefined;
    case "refuse":
      return {
        exitCode: exitCodes.notAllowed,
        says: `${command} is not allowed while the update state is ${status.update_state}: ${whatInstead(command, status.update_state)}`,
      };
    case "chosen":
      if (status.chosen_update !== null) return undefined;
      return {
        exitCode: exitCodes.noChoice,
        says: "There is no chosen update to prepare; look for one first: apiclient update check",
      };
    case "staged":
      if (status.staging_partition !== null) return undefined;
      return {
        exitCode: exitCodes.nothingStaged,
        says: `There is no staged image to ${command}; write one first: apiclient update apply`,
      };
  }
}

function whatInstead(command: CommandName, state: UpdateState): string {
  switch (state) {
    case "Idle":
      return "no update is known, look for one first: apiclient update check";
    case "Available":
      return "nothing is staged, write the update first: apiclient update apply";
    case "Staged":
      return "the staged image is not activated, so there is nothing to take back";
    case "Ready":
      return command === "activate"
        ? "it is activated already, reboot to start it: apiclient reboot"
        : "an update waits for the reboot (apiclient reboot), or take it back first: apiclient update cancel";
  }
}

/** What a command that has ended well has brought. */
export type Success =
  | { readonly command: "refresh"; readonly available: readonly string[]; readonly chosen: Image | null }
  | { readonly command: "prepare"; readonly image: Image }
  | { readonly command: "activate" | "deactivate" };

/** The status after a command that has ended well. */
export function afterSuccess(status: UpdateStatus, success: Success, result: CommandResult): UpdateStatus {
  const now = { ...status, most_recent_command: result };
  switch (success.command) {
    case "refresh": {
      const isOpen = status.update_state === "Idle" || status.update_state === "Available";
      const found = success.chosen === null ? "Idle" : "Available";
      return {
        ...now,
        update_state: isOpen ? found : status.update_state,
        available_updates: success.available,
        chosen_update: success.chosen,
      };
    }
    case "prepare":
      return {
        ...now,
        update_state: "Staged",
        chosen_update: success.image,
        staging_partition: { image: success.image, next_to_boot: false },
      };
    case "activate":
      return { ...withNext(now, "staging"), update_state: "Ready" };
    case "deactivate":
      return { ...withNext(now, "active"), update_state: "Staged" };
  }
}

/**
 * The status after a command that has failed.
 *
 * @param erased  whether the image that was staged before is gone: a failed prepare may have begun to write over it
 */
export function afterFailure(status: UpdateStatus, result: CommandResult, erased: boolean): UpdateStatus {
  const now = { ...status, most_recent_command: result };
  switch (result.cmd_type) {
    case "refresh":
      // An old choice would be taken for what a new look has found.
      return status.update_state === "Available" || status.update_state === "Idle"
        ? { ...now, update_state: "Idle", chosen_update: null }
        : now;
    case "prepare":
      if (!erased || status.update_state !== "Staged") return now;
      return {
        ...now,
        update_state: status.chosen_update === null ? "Idle" : "Available",
        staging_partition: null,
      };
    case "activate":
    case "deactivate":
      return now;
  }
}

function withNext(status: UpdateStatus, next: "active" | "staging"): UpdateStatus {
  const { active_partition: active, staging_partition: staging } = status;
  return {
    ...status,
    active_partition: active && { ...active, next_to_boot: next === "active" },
    staging_partition: staging && { ...staging, next_to_boot: next === "staging" },
  };
}
