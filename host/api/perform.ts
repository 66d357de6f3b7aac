/** Carries out what a route decided, and says how it went. */
import { Failure, failureText } from "../linux/failure.ts";
import { keysNotSynced, type OpenStore } from "../store/index.ts";
import type { ApplyScope, Decision } from "./decision.ts";
import { done, found, type Reply, refused } from "./reply.ts";

/** What the server can do. */
export interface Effects {
  readonly store: Pick<OpenStore, "stage" | "commit" | "discard">;
  /** Resolves once the applier's parent process has exited well; rejects with why it did not. */
  startApplier(scope: ApplyScope): Promise<void>;
  /** Resolves once the reboot is on its way; rejects with why it is not. */
  reboot(): Promise<void>;
}

/**
 * Carries out a decision.
 *
 * @returns the reply; every failure of an effect becomes a 500 that names the operation and the cause (api.md 5.1)
 */
export async function perform(
  decision: Exclude<Decision, { kind: "reply" }>,
  effects: Effects,
): Promise<Reply> {
  try {
    switch (decision.kind) {
      case "stage":
        if (decision.leaves.size > 0) await effects.store.stage(decision.transaction, decision.leaves);
        return done;
      case "discard":
        return found(await effects.store.discard(decision.transaction));
      case "commit":
        return await commit(decision, effects);
      case "apply":
        await effects.startApplier(decision.scope);
        return done;
      case "reboot":
        await effects.reboot();
        return done;
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

async function commit(
  { transaction, thenApply, refusal }: Extract<Decision, { kind: "commit" }>,
  effects: Effects,
): Promise<Reply> {
  let notSynced: unknown;
  let refusedWith: Reply | undefined;
  const isRight: Parameters<Effects["store"]["commit"]>[1] = (live, pending) => {
    refusedWith = refusal(live, pending);
    return refusedWith === undefined;
  };
  const keys = await effects.store.commit(transaction, isRight).catch((error: unknown) => {
    const changed = keysNotSynced(error);
    if (changed === undefined) throw error;
    notSynced = error;
    return changed;
  });
  if (refusedWith !== undefined) return refusedWith;
  if (keys === undefined || keys.length === 0) {
    return refused(422, `Transaction ${JSON.stringify(transaction)} has nothing pending to commit`);
  }
  // What is live is applied, whether or not a power cut may undo it: the host must be as its settings say.
  try {
    if (thenApply) await effects.startApplier({ keys });
  } catch (error) {
    // The commit stays (api.md 6.5), so the text must say so: the client would otherwise think nothing happened.
    return failed("The settings are committed, but applying them", error);
  }
  if (notSynced !== undefined)
    return failed(`Making sure of the commit of transaction ${JSON.stringify(transaction)}`, notSynced);
  return found(keys);
}

function operation(decision: Exclude<Decision, { kind: "reply" }>): string {
  switch (decision.kind) {
    case "stage":
      return `Storing settings in transaction ${JSON.stringify(decision.transaction)}`;
    case "discard":
      return `Discarding transaction ${JSON.stringify(decision.transaction)}`;
    case "commit":
      return `Committing transaction ${JSON.stringify(decision.transaction)}`;
    case "apply":
      return "Applying settings";
    case "reboot":
      return "Rebooting";
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
