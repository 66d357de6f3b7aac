/** What the API tells of updates. Takes no lock, so that whoever looks never keeps a command from running. Acts. */
import { isLocked } from "../../linux/file-lock.ts";
import { refusedVersions } from "../attempts.ts";
import type { HostPlace } from "../host-sets.ts";
import { DispatcherFiles } from "./files.ts";
import { leftBehind, newest, type RunningCommand, type UpdateProgress } from "./progress.ts";
import { viewSets } from "./sets.ts";
import type { UpdateStatus } from "./status.ts";

/**
 * The status, as far as it may be told: `locked` while a command runs (specification "updates" 9).
 *
 * @throws Error when the lock cannot be looked at or the file cannot be read
 */
export async function readUpdateStatus(root: string): Promise<UpdateStatus | "locked" | undefined> {
  const files = new DispatcherFiles(root);
  const { isLocked, left } = await runningNow(files);
  if (isLocked) return "locked";
  const status = await files.readStatus();
  return left === undefined ? status : leftBehind(status, left).status;
}

/** Everything there is to know about updates, also while a command runs. @throws as `readUpdateStatus` */
export async function readUpdateProgress(place: HostPlace): Promise<UpdateProgress> {
  const files = new DispatcherFiles(place.root);
  const { now, left } = await runningNow(files);
  const [status, ended] = [await files.readStatus(), await files.readFinished()];
  const behind = left === undefined ? undefined : leftBehind(status, left);
  return {
    status: (behind === undefined ? status : behind.status) ?? null,
    running: now === undefined ? null : { ...now, progress: await files.readProgress() },
    finished: newest(behind === undefined ? ended : [...ended, behind.finished]).kept,
    // Where the root stands on no sets there is nothing to tell of them, and the rest is worth as much.
    sets: await viewSets(place).catch(() => null),
    refused: [...(await refusedVersions(place.root))].map(([version, refusal]) => ({ version, ...refusal })),
  };
}

interface Running {
  readonly isLocked: boolean;
  /** The command that runs. */
  readonly now?: RunningCommand;
  /** A command whose dispatcher was ended before it. */
  readonly left?: RunningCommand;
}

async function runningNow(files: DispatcherFiles): Promise<Running> {
  const before = await files.readRunning();
  if (await isLocked(files.lock)) {
    // Read again: the lock may be of a command that began after the first look.
    const now = await files.readRunning();
    return now === undefined ? { isLocked: true } : { isLocked: true, now };
  }
  if (before === undefined) return { isLocked: false };
  // It may have ended in between, and then it has left nothing.
  const after = await files.readRunning();
  return after?.id === before.id ? { isLocked: false, left: after } : { isLocked: false };
}
