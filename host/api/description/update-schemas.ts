/** What GET /updates/status and GET /updates/progress answer. */
import type { Schema } from "../../settings/index.ts";
import { amount, mayGrow, record, reference, text, texts } from "./schema-words.ts";

const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: "null" }] });
const oneOf = (...values: readonly string[]): Schema => ({ type: "string", enum: [...values] });
const time: Schema = { type: "string", description: "RFC 3339, UTC" };
const slot = record({ image: reference("UpdateImage"), next_to_boot: { type: "boolean" } });
const command = oneOf("refresh", "prepare", "activate", "deactivate");
const set = oneOf("A", "B");

export const updateSchemas = {
  UpdateImage: record({ arch: text, version: text, variant: text }),
  UpdateCommandResult: record({
    cmd_type: command,
    cmd_status: oneOf("Success", "Failed", "Unknown"),
    timestamp: time,
    exit_status: {
      type: ["integer", "null"],
      description:
        "Of updog: its exit code, or the number of the signal that killed it; 127 if it was not started",
    },
    stderr: { type: ["string", "null"], description: "What updog said, and what went wrong after it" },
  }),
  UpdateStatus: record({
    update_state: {
      ...oneOf("Idle", "Available", "Staged", "Ready"),
      description:
        "Available: an update is chosen. Staged: one is written. Ready: the next boot starts what was written",
    },
    available_updates: { ...texts, description: "Highest first; also the running version and older ones" },
    chosen_update: orNull(reference("UpdateImage")),
    active_partition: orNull(slot),
    staging_partition: orNull(slot),
    most_recent_command: orNull(reference("UpdateCommandResult")),
  }),
  UpdateProgress: record(
    {
      status: {
        ...orNull(reference("UpdateStatus")),
        description: "null before the first command of this boot",
      },
      running: orNull(
        record({
          id: { ...text, description: "The header Pinwheel-Command of the reply to the action" },
          command,
          version: { ...orNull(text), description: "What is written" },
          started: time,
          progress: orNull(record({ image: oneOf("root", "boot", "hash"), done: amount, total: amount })),
        }),
      ),
      finished: {
        type: "array",
        description: "The commands that ended last, newest last",
        items: record({ id: text, result: reference("UpdateCommandResult") }),
      },
      sets: {
        ...orNull(
          record({
            active: set,
            next: orNull(set),
            inactive: record({
              set,
              holds: {
                ...oneOf("nothing", "staged", "activated", "failed", "proven"),
                description: "proven: it has come up well, and can be rolled back to",
              },
              image: orNull(reference("UpdateImage")),
            }),
          }),
        ),
        description: "The partition sets; null where the root file system is of none",
      },
      refused: {
        type: "array",
        description: "Versions that are not taken again by themselves",
        items: record({ version: text, reason: text, time }),
      },
    },
    mayGrow,
  ),
} satisfies Readonly<Record<string, Schema>>;
