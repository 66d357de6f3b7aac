/** Carries out what a route decided, and says how it went. */
import { Failure, failureText } from "../linux/failure.ts";
import type { AppliedCommit } from "../settings/index.ts";
import { keysNotSynced, type OpenStore, type TrialStart } from "../store/index.ts";
import type { CommandName, UpdateProgress, UpdateStatus } from "../update/dispatcher/index.ts";
import { appliedReply, lastReportReply } from "./applied-routes.ts";
import type { ApplyScope, Decision, Performed } from "./decision.ts";
import { parsePreview, TooManyPreviews } from "./diff-route.ts";
import { done, found, type Reply, refused } from "./reply.ts";
import type { Depth } from "./status-routes.ts";
import { type Dispatched, dispatchedReply, updateStatusReply } from "./update-routes.ts";

/** What watches over the trial that runs. */
export interface Trials {
  /** What a trial begins with that is to take so long. */
  start(seconds: number): TrialStart;
  /** Told that a trial has begun or ended. */
  changed(): void;
}

/** What the server does about updates; each rejects with why it cannot. */
export interface Updates {
  /** Resolves once the dispatcher has said whether the command begins. */
  dispatch(command: CommandName, retry: boolean): Promise<Dispatched>;
  status(): Promise<UpdateStatus | "locked" | undefined>;
  progress(): Promise<UpdateProgress>;
}

/** What the server can do. */
export interface Effects {
  readonly store: Pick<OpenStore, "stage" | "commit" | "discard" | "endTrial">;
  readonly trials: Trials;
  /**
   * Resolves once the applier's parent process has exited well; rejects with why it did not.
   *
   * @returns the id under which the outcome can be read; undefined if it could not be noted
   */
  startApplier(scope: ApplyScope): Promise<string | undefined>;
  /** Resolves with what the program that renders a preview prints for this input; rejects with why there is nothing. */
  preview(input: string): Promise<string>;
  /** What became of the last commits, newest last. */
  commits(): Promise<readonly AppliedCommit[]>;
  /** How the last change was applied; undefined if none was. */
  lastReport(): Promise<object | undefined>;
  /** Resolves with what the generators of some settings print, as a document; rejects with why there is nothing. */
  generate(keys: readonly string[]): Promise<string>;
  /** Resolves with how the host is, as JSON, by the program that looks; rejects with why that is not known. */
  look(depth: Depth, input: string): Promise<string>;
  readonly updates: Updates;
  /** Resolves once the reboot is on its way; rejects with why it is not. */
  reboot(): Promise<void>;
}

/**
 * Carries out a decision.
 *
 * @returns the reply; every failure of an effect becomes a 500 that names the operation and the cause (api.md 5.1)
 */
export async function perform(decision: Performed, effects: Effects): Promise<Reply> {
  try {
    switch (decision.kind) {
      case "stage":
        if (decision.leaves.size > 0) await effects.store.stage(decision.transaction, decision.leaves);
        return done;
      case "unset":
        return await unset(decision, effects);
      case "discard":
        return found(await effects.store.discard(decision.transaction));
      case "commit":
        return await commit(decision, effects);
      case "end-trial":
        return await endTrial(decision, effects);
      case "apply":
        return withCommit(done, await effects.startApplier(decision.scope));
      case "preview":
        return await preview(decision, effects);
      case "commits":
        return appliedReply(await effects.commits(), decision.id);
      case "last-report":
        return lastReportReply(await effects.lastReport());
      case "reboot":
        await effects.reboot();
        return done;
      case "update": {
        const { command, retry } = decision;
        return dispatchedReply(command, await effects.updates.dispatch(command, retry));
      }
      case "update-status":
        return updateStatusReply(await effects.updates.status());
      case "update-progress":
        return found(await effects.updates.progress());
      case "look":
        return { status: 200, kind: "json", body: await effects.look(decision.depth, decision.input) };
      case "exec":
        // The server has tried that before: the request is no WebSocket handshake (api.md 7.1).
        return { status: 400, kind: "empty", body: "" };
      case "describe": {
        // Loaded here and not with the server, whose memory it would take.
        const { openApiText } = await import("./description/document.ts");
        return { status: 200, kind: "json", body: openApiText() };
      }
    }
  } catch (error) {
    return failed(operation(decision), error);
  }
}

async function preview(
  { input, reply }: Extract<Decision, { kind: "preview" }>,
  effects: Effects,
): Promise<Reply> {
  try {
    return reply(parsePreview(await effects.preview(input)));
  } catch (error) {
    if (!(error instanceof TooManyPreviews)) throw error;
    return refused(503, "Too many previews are being made already; ask for this one again later");
  }
}

async function unset(
  { transaction, generated, changes }: Extract<Decision, { kind: "unset" }>,
  effects: Effects,
): Promise<Reply> {
  let why = "the journal of apiserver.service says why";
  const printed =
    generated.length === 0
      ? undefined
      : await effects.generate(generated).catch((error: unknown) => {
          why = failureText(error);
          return undefined;
        });
  const { leaves, notGenerated } = changes(printed);
  if (leaves.size > 0) await effects.store.stage(transaction, leaves);
  const reply = found([...leaves.keys()].sort());
  if (notGenerated.length === 0) return reply;
  // No failure: the setting is gone as asked, and the next boot generates what is unset.
  const remark = `No value was generated for ${notGenerated.join(", ")}: ${why}. Removed instead, and generated at the next boot`;
  return { ...reply, remark };
}

async function commit(
  { transaction, thenApply, trySeconds, refusal }: Extract<Decision, { kind: "commit" }>,
  effects: Effects,
): Promise<Reply> {
  let refusedWith: Reply | undefined;
  const isRight: Parameters<Effects["store"]["commit"]>[1] = (live, pending) => {
    refusedWith = refusal(live, pending);
    return refusedWith === undefined;
  };
  const onTrial = trySeconds === undefined ? undefined : effects.trials.start(trySeconds);
  const { keys, notSynced } = await changed(effects.store.commit(transaction, isRight, onTrial));
  if (refusedWith !== undefined) return refusedWith;
  if (keys === undefined || keys.length === 0) {
    return refused(422, `Transaction ${JSON.stringify(transaction)} has nothing pending to commit`);
  }
  if (onTrial !== undefined) effects.trials.changed();
  // What is live is applied, whether or not a power cut may undo it: the host must be as its settings say.
  let id: string | undefined;
  try {
    if (thenApply) id = await effects.startApplier({ keys });
  } catch (error) {
    // The commit stays (api.md 6.5), so the text must say so: the client would otherwise think nothing happened.
    const how = trySeconds === undefined ? "committed" : `committed on trial for ${trySeconds} s`;
    return failed(`The settings are ${how}, but applying them`, error);
  }
  const reply =
    notSynced === undefined
      ? found(keys)
      : failed(`Making sure of the commit of transaction ${JSON.stringify(transaction)}`, notSynced);
  return withCommit(reply, id);
}

const withCommit = (reply: Reply, commit: string | undefined): Reply =>
  commit === undefined ? reply : { ...reply, commit };
async function endTrial(
  { end, ifNone }: Extract<Decision, { kind: "end-trial" }>,
  effects: Effects,
): Promise<Reply> {
  const { keys, notSynced } = await changed(effects.store.endTrial(end));
  if (keys === undefined) return ifNone();
  effects.trials.changed();
  let id: string | undefined;
  try {
    if (end === "reverted") id = await effects.startApplier({ keys });
  } catch (error) {
    return failed("The settings are put back, but applying them", error);
  }
  const reply =
    notSynced === undefined ? found(keys) : failed("Making sure of the end of the trial", notSynced);
  return withCommit(reply, id);
}

/** The keys of a change of the live settings, also of one that the disk did not confirm. */
async function changed(
  changing: Promise<readonly string[] | undefined>,
): Promise<{ readonly keys: readonly string[] | undefined; readonly notSynced?: unknown }> {
  try {
    return { keys: await changing };
  } catch (notSynced) {
    const keys = keysNotSynced(notSynced);
    if (keys === undefined) throw notSynced;
    return { keys, notSynced };
  }
}

function operation(decision: Performed): string {
  switch (decision.kind) {
    case "stage":
      return `Storing settings in transaction ${JSON.stringify(decision.transaction)}`;
    case "unset":
      return `Unsetting settings in transaction ${JSON.stringify(decision.transaction)}`;
    case "discard":
      return `Discarding transaction ${JSON.stringify(decision.transaction)}`;
    case "commit":
      return `Committing transaction ${JSON.stringify(decision.transaction)}`;
    case "end-trial":
      return "Ending the trial";
    case "apply":
      return "Applying settings";
    case "preview":
      return `Comparing transaction ${JSON.stringify(decision.transaction)} with what is live`;
    case "commits":
    case "last-report":
      return "Reading what became of changes";
    case "reboot":
      return "Rebooting";
    case "update":
      return "Starting the update command";
    case "update-status":
    case "update-progress":
      return "Reading the update status";
    case "look":
      return "Looking at the host";
    case "exec":
      return "Opening an exec session";
    case "describe":
      return "Describing the API";
  }
}

/** The 500 for an effect that failed: why, its causes included, and what to do about it where that is known. */
function failed(what: string, error: unknown): Reply {
  const text = `${what} failed: ${failureText(error)}`;
  return error instanceof Failure
    ? { ...refused(500, `${text}. ${error.hint}`), code: error.code }
    : refused(500, text);
}
