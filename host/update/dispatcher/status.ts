/**
 * The status of updates, as it stands in its file and is answered by the API (specification "updates" 8.6). Decides.
 *
 * Other products read it strictly: its fields keep the reference's names, types and meanings, and get no company.
 */

export const updateStates = ["Idle", "Available", "Staged", "Ready"] as const;
export type UpdateState = (typeof updateStates)[number];

export const commandNames = ["refresh", "prepare", "activate", "deactivate"] as const;
export type CommandName = (typeof commandNames)[number];

export interface Image {
  readonly arch: string;
  /** A semantic version, as the manifest writes it. */
  readonly version: string;
  readonly variant: string;
}

export interface Slot {
  readonly image: Image;
  readonly next_to_boot: boolean;
}

/** How a command ended. */
export interface CommandResult {
  readonly cmd_type: CommandName;
  readonly cmd_status: "Success" | "Failed" | "Unknown";
  /** RFC 3339, UTC, with a fraction of the second: when it ended. */
  readonly timestamp: string;
  /** Of updog: its exit code, or the number of the signal that killed it; 127 if it could not be started. */
  readonly exit_status: number | null;
  /** All that updog said, and behind it what went wrong after it. */
  readonly stderr: string | null;
}

export interface UpdateStatus {
  readonly update_state: UpdateState;
  /** Highest first; also the running version and older ones. */
  readonly available_updates: readonly string[];
  readonly chosen_update: Image | null;
  readonly active_partition: Slot | null;
  readonly staging_partition: Slot | null;
  readonly most_recent_command: CommandResult | null;
}

/** The text of the status file. */
export const statusText = (status: UpdateStatus): string => `${JSON.stringify(status, undefined, 2)}\n`;

/**
 * Reads the status file; what is missing is null, so that the answer always has all fields.
 *
 * @throws Error with what is wrong in it
 */
export function parseStatus(text: string): UpdateStatus {
  const fields = record("the status", JSON.parse(text));
  const available = fields.available_updates ?? [];
  if (!Array.isArray(available)) throw wrong("available_updates", "a list of versions");
  return {
    update_state: oneOf("update_state", updateStates, fields.update_state),
    available_updates: available.map((version) => string("available_updates", version)),
    chosen_update: optional(fields.chosen_update, (value) => image("chosen_update", value)),
    active_partition: optional(fields.active_partition, (value) => slot("active_partition", value)),
    staging_partition: optional(fields.staging_partition, (value) => slot("staging_partition", value)),
    most_recent_command: optional(fields.most_recent_command, parseResult),
  };
}

/** @throws Error with what is wrong */
export function parseResult(value: unknown): CommandResult {
  const fields = record("most_recent_command", value);
  const exit = fields.exit_status ?? null;
  if (exit !== null && typeof exit !== "number") throw wrong("exit_status", "a number");
  return {
    cmd_type: oneOf("cmd_type", commandNames, fields.cmd_type),
    cmd_status: oneOf("cmd_status", ["Success", "Failed", "Unknown"], fields.cmd_status),
    timestamp: string("timestamp", fields.timestamp),
    exit_status: exit,
    stderr: optional(fields.stderr, (said) => string("stderr", said)),
  };
}

function slot(name: string, value: unknown): Slot {
  const fields = record(name, value);
  if (typeof fields.next_to_boot !== "boolean") throw wrong(`${name}.next_to_boot`, "true or false");
  return { image: image(`${name}.image`, fields.image), next_to_boot: fields.next_to_boot };
}

/** @throws Error with what is wrong */
export function image(name: string, value: unknown): Image {
  const fields = record(name, value);
  const part = (field: string) => string(`${name}.${field}`, fields[field]);
  return { arch: part("arch"), version: part("version"), variant: part("variant") };
}

/** @throws Error when it is not an object */
export function record(name: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(name, "an object");
  return value as Readonly<Record<string, unknown>>;
}

/** @throws Error when it is not a string */
export function string(name: string, value: unknown): string {
  if (typeof value !== "string") throw wrong(name, "a string");
  return value;
}

/** @throws Error when it is none of these */
export function oneOf<const Word extends string>(name: string, words: readonly Word[], value: unknown): Word {
  const found = words.find((word) => word === value);
  if (found === undefined) throw wrong(name, `one of ${words.join(", ")}`);
  return found;
}

const optional = <T>(value: unknown, read: (value: unknown) => T): T | null =>
  value === undefined || value === null ? null : read(value);

const wrong = (name: string, accepted: string): Error => new Error(`${name} is not ${accepted}`);
