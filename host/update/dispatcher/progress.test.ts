import { describe, expect, it } from "bun:test";
import { leftBehind, newest, parseImageProgress, parseRunning, type RunningCommand } from "./progress.ts";
import { parseStatus, type UpdateStatus } from "./status.ts";

const image = { arch: "x86_64", version: "2.3.4", variant: "metal-dev" };
const status: UpdateStatus = {
  update_state: "Staged",
  available_updates: ["2.3.4"],
  chosen_update: image,
  active_partition: { image, next_to_boot: true },
  staging_partition: { image, next_to_boot: false },
  most_recent_command: null,
};
const running: RunningCommand = {
  id: "7",
  command: "prepare",
  version: "2.3.4",
  started: "2031-05-01T09:00:00Z",
};
const result = { cmd_type: "prepare", cmd_status: "Success", exit_status: 0, stderr: "" } as const;

describe("a command that was left as running", () => {
  it("has failed, and what was staged is staged no more", () => {
    const { status: after, finished } = leftBehind(status, running);
    expect(after).toEqual({
      ...status,
      update_state: "Available",
      staging_partition: null,
      most_recent_command: finished.result,
    });
    expect(finished).toEqual({
      id: "7",
      result: {
        cmd_type: "prepare",
        cmd_status: "Failed",
        timestamp: "2031-05-01T09:00:00Z",
        exit_status: 1,
        stderr: "thar-be-updates was ended before the prepare was over. Do it again\n",
      },
    });
  });

  it("has ended as the status says, if that was written after it began", () => {
    const ended = {
      ...status,
      most_recent_command: { ...result, timestamp: "2031-05-01T09:00:00.000000001Z" },
    };
    expect(leftBehind(ended, running)).toEqual({
      status: ended,
      finished: { id: "7", result: ended.most_recent_command },
    });
    const older = {
      ...status,
      most_recent_command: { ...result, timestamp: "2031-05-01T08:59:59.999999999Z" },
    };
    expect(leftBehind(older, running).finished.result.cmd_status).toBe("Failed");
  });

  it("is told without a status, too", () => {
    expect(leftBehind(undefined, running).status).toBeUndefined();
    expect(leftBehind(undefined, running).finished.result.cmd_status).toBe("Failed");
  });
});

describe("commands that have ended", () => {
  const ended = (second: number) => ({
    id: `${second}`,
    // With and without a fraction, which sort otherwise as texts.
    result: {
      ...result,
      timestamp: `2031-05-01T09:00:${String(second).padStart(2, "0")}${second % 2 ? ".5" : ""}Z`,
    },
  });

  it("are told by their time, the newest last, and the oldest of more than sixteen are forgotten", () => {
    const all = Array.from({ length: 18 }, (_, second) => ended(second));
    const { kept, old } = newest(all.toReversed());
    expect(kept).toEqual(all.slice(2));
    expect(old).toEqual(all.slice(0, 2));
    expect(newest(all.slice(0, 3))).toEqual({ kept: all.slice(0, 3), old: [] });
  });
});

describe("documents that others have written", () => {
  it("progress that says nothing of an image is none", () => {
    const told = { image: "root", done: 1, total: 2 };
    expect(parseImageProgress(JSON.stringify({ step: "images", ...told }))).toEqual({
      ...told,
      image: "root",
    });
    for (const text of ["", "{}", "7", "null", '{"image":"root"}', '{"image":"x","done":1,"total":2}']) {
      expect(parseImageProgress(text)).toBeNull();
    }
  });

  const bad: readonly [text: string, says: string][] = [
    ["[]", "the status is not an object"],
    ['{"update_state":"Lost"}', "update_state is not one of Idle, Available, Staged, Ready"],
    ['{"update_state":"Idle","available_updates":7}', "available_updates is not a list of versions"],
    ['{"update_state":"Idle","available_updates":[7]}', "available_updates is not a string"],
    ['{"update_state":"Idle","chosen_update":{"arch":"a"}}', "chosen_update.version is not a string"],
    ['{"update_state":"Idle","active_partition":{}}', "active_partition.next_to_boot is not true or false"],
    ['{"update_state":"Idle","most_recent_command":{"exit_status":"1"}}', "exit_status is not a number"],
  ];
  for (const [text, says] of bad) {
    it(`a status is refused when ${says}`, () => expect(() => parseStatus(text)).toThrow(says));
  }

  it("a status has all its fields, whatever is missing", () => {
    expect(parseStatus('{"update_state":"Idle"}')).toEqual({
      update_state: "Idle",
      available_updates: [],
      chosen_update: null,
      active_partition: null,
      staging_partition: null,
      most_recent_command: null,
    });
  });

  it("a running command is read as it was written", () => {
    expect(parseRunning(JSON.stringify(running))).toEqual(running);
    expect(() => parseRunning("{}")).toThrow("id is not a string");
  });
});
