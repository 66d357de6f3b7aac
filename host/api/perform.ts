/** Carries out what a route decided, and says how it went. */
import type { OpenStore } from "../store/index.ts";
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
        return await commit(decision.transaction, decision.thenApply, effects);
      case "apply":
        await effects.startApplier(decision.scope);
        return done;
      case "reboot":
        await effects.reboot();
        return done;
    }
  } catch (error) {
    return refused(500, `${operation(decision)} failed: ${causes(error)}`);
  }
}

async function commit(transaction: string, thenApply: boolean, effects: Effects): Promise<Reply> {
  const keys = await effects.store.commit(transaction);
  if (keys === undefined || keys.length === 0) {
    return refused(422, `Transaction ${JSON.stringify(transaction)} has nothing pending to commit`);
  }
  if (!thenApply) return found(keys);
  try {
    await effects.startApplier({ keys });
  } catch (error) {
    // The commit stays (api.md 6.5), so the text must say so: the client would otherwise think nothing happened.
    return refused(500, `The settings are committed, but applying them failed: ${causes(error)}`);
  }
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
  }
}

/** The messages of an error and of what caused it, outermost first; a full disk is said in words. */
function causes(error: unknown): string {
  const texts: string[] = [];
  let full = false;
  for (
    let at: unknown = error;
    at !== undefined && at !== null;
    at = at instanceof Error ? at.cause : undefined
  ) {
    const text = at instanceof Error ? at.message : String(at);
    if (!texts.some((earlier) => earlier.includes(text))) texts.push(text);
    const code = at instanceof Error && "code" in at ? at.code : undefined;
    full ||= code === "ENOSPC" || code === "EDQUOT";
  }
  const text = texts.join(": ");
  if (!full) return text;
  return `the file system that holds the settings is full; nothing was changed, and reading goes on (${text})`;
}
