/** What is told of update commands besides the status: which one runs, how far it is, how others have ended. Decides. */
import type { ImageProgress } from "../install/write-images.ts";
import { afterFailure } from "./commands.ts";
import type { SetsView } from "./set-content.ts";
import {
  type CommandName,
  type CommandResult,
  commandNames,
  oneOf,
  parseResult,
  record,
  string,
  type UpdateStatus,
} from "./status.ts";

/** A command that runs. */
export interface RunningCommand {
  /** Of the request that has started it. */
  readonly id: string;
  readonly command: CommandName;
  /** What it writes; null for commands that write nothing. */
  readonly version: string | null;
  /** RFC 3339, UTC. */
  readonly started: string;
}

/** A command that has ended. */
export interface FinishedCommand {
  readonly id: string;
  readonly result: CommandResult;
}

/** What GET /updates/progress answers. */
export interface UpdateProgress {
  /** null before the first command since the host started. */
  readonly status: UpdateStatus | null;
  readonly running: (RunningCommand & { readonly progress: ImageProgress | null }) | null;
  /** Those that have ended last, newest last. */
  readonly finished: readonly FinishedCommand[];
  /** null where the root file system is of no set. */
  readonly sets: SetsView | null;
  /** Versions that are not taken again by themselves. */
  readonly refused: readonly { readonly version: string; readonly reason: string; readonly time: string }[];
}

/** How many commands that have ended are remembered: those who wait look several times a second. */
const REMEMBERED = 16;

/** Those that ended last, newest last; and the others, which may be forgotten. */
export function newest(all: readonly FinishedCommand[]): {
  readonly kept: readonly FinishedCommand[];
  readonly old: readonly FinishedCommand[];
} {
  const moment = ({ result }: FinishedCommand) => momentOf(result.timestamp);
  const sorted = all.toSorted((a, b) => (moment(a) < moment(b) ? -1 : 1));
  return { kept: sorted.slice(-REMEMBERED), old: sorted.slice(0, -REMEMBERED) };
}

/**
 * What a command has come to whose dispatcher is gone and has left it as running: killed, most likely. If the end is in
 * the status, only the rest was not done any more. Otherwise it was cut off, and what it may have begun to write is not
 * staged.
 */
export function leftBehind<Status extends UpdateStatus | undefined>(
  status: Status,
  { id, command, started }: RunningCommand,
): { readonly status: Status; readonly finished: FinishedCommand } {
  const last = status?.most_recent_command;
  if (last?.cmd_type === command && momentOf(last.timestamp) >= momentOf(started)) {
    return { status, finished: { id, result: last } };
  }
  const result: CommandResult = {
    cmd_type: command,
    cmd_status: "Failed",
    // When it ended nobody knows. That no other command has this time is what counts.
    timestamp: started,
    exit_status: 1,
    stderr: `thar-be-updates was ended before the ${command} was over. Do it again\n`,
  };
  const after = status === undefined ? status : (afterFailure(status, result, true) as Status);
  return { status: after, finished: { id, result } };
}

const momentOf = (timestamp: string): bigint => Temporal.Instant.from(timestamp).epochNanoseconds;

/** @throws Error with what is wrong */
export function parseRunning(text: string): RunningCommand {
  const fields = record("the running command", JSON.parse(text));
  return {
    id: string("id", fields.id),
    command: oneOf("command", commandNames, fields.command),
    version: fields.version === null ? null : string("version", fields.version),
    started: string("started", fields.started),
  };
}

/** @throws Error with what is wrong */
export function parseFinished(text: string): FinishedCommand {
  const fields = record("a finished command", JSON.parse(text));
  return { id: string("id", fields.id), result: parseResult(fields.result) };
}

/** Reads what updog tells while it writes; null for a text that says nothing of an image. */
export function parseImageProgress(text: string): ImageProgress | null {
  try {
    const fields = record("the progress", JSON.parse(text));
    const { done, total } = fields;
    if (typeof done !== "number" || typeof total !== "number") return null;
    return { image: oneOf("image", ["root", "boot", "hash"], fields.image), done, total };
  } catch {
    // Whatever it is: progress is only shown, and nothing depends on it.
    return null;
  }
}
