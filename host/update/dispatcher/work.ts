/**
 * One update command, from the look at the state to the record of its end (specification "updates" 8.3). Runs in the
 * process that has the lock. Acts; what is allowed and what becomes of the state is decided in commands.ts.
 */
import { closeSync } from "node:fs";
import { inheritedDescriptor } from "../../linux/file-lock.ts";
import type { HostPlace } from "../host-sets.ts";
import { carryOut, type End, type Means } from "./carry-out.ts";
import { afterFailure, afterSuccess, type Refusal, refusalOf } from "./commands.ts";
import { DispatcherFiles } from "./files.ts";
import { leftBehind, newest, type RunningCommand } from "./progress.ts";
import { asSetsSay, firstStatus, type SetsView } from "./set-content.ts";
import { rememberRunning } from "./sets.ts";
import type { CommandName, CommandResult, Image, UpdateStatus } from "./status.ts";

/** What is asked of the dispatcher. */
export interface UpdateRequest {
  /** By which whoever has asked knows the end of this command from that of others. */
  readonly id: string;
  readonly command: CommandName;
  /** Take the version that this host refuses, if that is what would be chosen otherwise. */
  readonly retry: boolean;
}

/** Where the work is done. */
export interface WorkHost {
  readonly place: HostPlace;
  /** What runs. */
  readonly running: Image;
  /** settings.updates.version-lock, asked for when it is needed. */
  versionLock(): Promise<string>;
}

/**
 * Does the work of a command. The process must have been started under the dispatcher's lock.
 *
 * @param answer  told before the work begins whether it does: undefined if it does, or why not
 * @returns how the command ended; undefined if it did not begin
 * @throws whatever keeps states from being known or recorded
 */
export async function work(
  request: UpdateRequest,
  host: WorkHost,
  answer: (refusal: Refusal | undefined) => void,
): Promise<CommandResult | undefined> {
  const files = new DispatcherFiles(host.place.root);
  const lock = await inheritedDescriptor(files.lock);
  if (lock === undefined) throw new Error(`This process was not started with the lock ${files.lock}`);
  let isHeld = true;
  // Before the word that it is over, or that it does not begin: whoever waits for that may ask for the next at once.
  const release = () => {
    if (isHeld) closeSync(lock);
    isHeld = false;
  };
  try {
    return await workUnderLock(request, { ...host, files, lock }, answer, release);
  } finally {
    release();
  }
}

async function workUnderLock(
  request: UpdateRequest,
  means: Means,
  answer: (refusal: Refusal | undefined) => void,
  release: () => void,
): Promise<CommandResult | undefined> {
  const { files } = means;
  const status = await statusBefore(files, means);
  const passedOver = await files.readRefusedChoice();
  const asked = request.retry ? withChoice(status, passedOver?.image) : status;
  const refusal = refusalOf(request.command, asked);
  if (refusal !== undefined) {
    release();
    const isMissed = request.command === "prepare" && status.chosen_update === null;
    // There would be an update to write; why it is not chosen says more than that none is.
    answer(isMissed && passedOver !== undefined ? { ...refusal, says: passedOver.says } : refusal);
    return undefined;
  }
  const { id, command } = request;
  const version = command === "prepare" ? (asked.chosen_update?.version ?? null) : null;
  await files.writeRunning({ id, command, version, started: timestamp() });
  answer(undefined);

  const end = await carryOut(request, asked, means);
  const result = resultOf(command, end);
  await files.writeStatus(
    end.kind === "success"
      ? afterSuccess(asked, end.success, result)
      : afterFailure(status, result, end.hasErased),
  );
  await files.removeRunning();
  release();
  await files.writeFinished({ id, result });
  return result;
}

/** The status as it is before anything is done; the first of this boot where there is none yet. */
async function statusBefore(files: DispatcherFiles, { place, running }: WorkHost): Promise<UpdateStatus> {
  const sets = await rememberRunning(place, running);
  const status = await files.readStatus();
  if (status === undefined && sets.next === null) {
    throw new Error("Neither set would start at the next boot; see signpost status");
  }
  const known = status ?? firstStatus(running, sets);
  const left = await files.readRunning();
  if (left === undefined) await files.writeStatus(known);
  else await clearUp(files, left, known, sets);
  for (const old of newest(await files.readFinished()).old) await files.removeFinished(old);
  return (await files.readStatus()) ?? known;
}

/** Records what became of a command that was left as running. */
async function clearUp(
  files: DispatcherFiles,
  left: RunningCommand,
  known: UpdateStatus,
  sets: SetsView,
): Promise<void> {
  const { status, finished } = leftBehind(known, left);
  // Whether updog has done its part the dispatcher did not get to know, but the flags tell.
  await files.writeStatus(asSetsSay(status, sets));
  await files.writeFinished(finished);
  await files.removeRunning();
}

/** The status as it would be if the version that is refused were chosen. */
function withChoice(status: UpdateStatus, choice: Image | undefined): UpdateStatus {
  if (choice === undefined) return status;
  const state = status.update_state === "Idle" ? "Available" : status.update_state;
  return { ...status, update_state: state, chosen_update: choice };
}

function resultOf(command: CommandName, end: End): CommandResult {
  return {
    cmd_type: command,
    cmd_status: end.kind === "success" ? "Success" : "Failed",
    timestamp: timestamp(),
    exit_status: end.exitStatus,
    stderr: end.stderr,
  };
}

const timestamp = (): string => Temporal.Now.instant().toString({ fractionalSecondDigits: 9 });
