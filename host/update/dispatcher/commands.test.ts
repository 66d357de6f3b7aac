import { describe, expect, it } from "bun:test";
import { afterFailure, afterSuccess, refusalOf } from "./commands.ts";
import {
  type CommandName,
  type CommandResult,
  commandNames,
  type Image,
  type UpdateState,
  type UpdateStatus,
} from "./status.ts";

const image = (version: string): Image => ({ arch: "x86_64", version, variant: "metal-dev" });
const chosen = image("2.3.4");
const staged = { image: image("2.3.4"), next_to_boot: false };
const running = { image: image("2.3.3"), next_to_boot: true };

/** A status with everything that the state may have. */
const full = (state: UpdateState): UpdateStatus => ({
  update_state: state,
  available_updates: ["2.3.4", "2.3.3"],
  chosen_update: chosen,
  active_partition: { ...running, next_to_boot: state !== "Ready" },
  staging_partition: { ...staged, next_to_boot: state === "Ready" },
  most_recent_command: null,
});
const empty = (state: UpdateState): UpdateStatus => ({
  ...full(state),
  chosen_update: null,
  staging_partition: null,
});

const result = (command: CommandName, failed = false): CommandResult => ({
  cmd_type: command,
  cmd_status: failed ? "Failed" : "Success",
  timestamp: "2031-05-01T09:00:00.1Z",
  exit_status: failed ? 1 : 0,
  stderr: "",
});

describe("what a command may do in a state (updates 8.4, Check 25)", () => {
  // Exit codes: with a chosen update and a staged image, and without both; 0: it runs.
  const table: readonly [CommandName, UpdateState, withBoth: number, withNone: number][] = [
    ["refresh", "Idle", 0, 0],
    ["refresh", "Available", 0, 0],
    ["refresh", "Staged", 0, 0],
    ["refresh", "Ready", 0, 0],
    ["prepare", "Idle", 65, 65],
    ["prepare", "Available", 0, 66],
    ["prepare", "Staged", 0, 66],
    ["prepare", "Ready", 65, 65],
    ["activate", "Idle", 65, 65],
    ["activate", "Available", 65, 65],
    ["activate", "Staged", 0, 67],
    ["activate", "Ready", 65, 65],
    ["deactivate", "Idle", 65, 65],
    ["deactivate", "Available", 65, 65],
    ["deactivate", "Staged", 65, 65],
    ["deactivate", "Ready", 0, 67],
  ];
  for (const [command, state, withBoth, withNone] of table) {
    it(`${command} in ${state}: ${withBoth}, and ${withNone} with nothing chosen and nothing staged`, () => {
      expect(refusalOf(command, full(state))?.exitCode ?? 0).toBe(withBoth);
      expect(refusalOf(command, empty(state))?.exitCode ?? 0).toBe(withNone);
    });
  }

  it("every refusal names the command of apiclient that helps, or why none is needed", () => {
    for (const command of commandNames) {
      for (const state of ["Idle", "Available", "Staged", "Ready"] as const) {
        const says = refusalOf(command, empty(state))?.says;
        if (says !== undefined) expect(says).toMatch(/apiclient (update|reboot)|nothing to take back/);
      }
    }
  });
});

describe("the status after a command that went well", () => {
  const refreshed = (state: UpdateState, found: Image | null) =>
    afterSuccess(full(state), { command: "refresh", available: ["2.4.0"], chosen: found }, result("refresh"));

  for (const [state, withUpdate, without] of [
    ["Idle", "Available", "Idle"],
    ["Available", "Available", "Idle"],
    ["Staged", "Staged", "Staged"],
    ["Ready", "Ready", "Ready"],
  ] as const) {
    it(`refresh in ${state} leads to ${withUpdate} with an update and to ${without} without one`, () => {
      expect(refreshed(state, image("2.4.0"))).toEqual({
        ...full(state),
        update_state: withUpdate,
        available_updates: ["2.4.0"],
        chosen_update: image("2.4.0"),
        most_recent_command: result("refresh"),
      });
      expect(refreshed(state, null)).toMatchObject({ update_state: without, chosen_update: null });
    });
  }

  it("prepare stages what was written, whatever was staged or chosen before", () => {
    const success = { command: "prepare", image: image("2.4.0") } as const;
    for (const before of [empty("Available"), full("Staged")]) {
      expect(afterSuccess(before, success, result("prepare"))).toEqual({
        ...before,
        update_state: "Staged",
        chosen_update: image("2.4.0"),
        staging_partition: { image: image("2.4.0"), next_to_boot: false },
        most_recent_command: result("prepare"),
      });
    }
  });

  it("activate has the staged image boot next, deactivate the one that runs", () => {
    const ready = afterSuccess(full("Staged"), { command: "activate" }, result("activate"));
    expect(ready).toEqual({ ...full("Ready"), most_recent_command: result("activate") });
    const back = afterSuccess(ready, { command: "deactivate" }, result("deactivate"));
    expect(back).toEqual({ ...full("Staged"), most_recent_command: result("deactivate") });
  });
});

describe("the status after a command that failed", () => {
  it("refresh leaves neither an update nor a choice, and keeps the list", () => {
    for (const state of ["Idle", "Available"] as const) {
      const failed = result("refresh", true);
      expect(afterFailure(full(state), failed, false)).toEqual({
        ...full(state),
        update_state: "Idle",
        chosen_update: null,
        most_recent_command: failed,
      });
    }
  });

  const unchanged: readonly [CommandName, UpdateState][] = [
    ["refresh", "Staged"],
    ["refresh", "Ready"],
    ["prepare", "Available"],
    ["prepare", "Staged"],
    ["activate", "Staged"],
    ["deactivate", "Ready"],
  ];
  for (const [command, state] of unchanged) {
    it(`${command} in ${state} changes nothing but the most recent command (Check 28)`, () => {
      const failed = result(command, true);
      expect(afterFailure(full(state), failed, false)).toEqual({
        ...full(state),
        most_recent_command: failed,
      });
    });
  }

  it("a prepare that has written over the staged image leaves nothing staged", () => {
    const failed = result("prepare", true);
    expect(afterFailure(full("Staged"), failed, true)).toEqual({
      ...full("Staged"),
      update_state: "Available",
      staging_partition: null,
      most_recent_command: failed,
    });
    expect(afterFailure({ ...full("Staged"), chosen_update: null }, failed, true).update_state).toBe("Idle");
  });
});
