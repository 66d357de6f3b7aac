/** Changing settings: checked here, staged in a transaction of our own, then committed and applied. */
import { type Json, type Model, type Problem, problemText, type SourceNode } from "../../settings/index.ts";
import { inOwnTransaction } from "./own-transaction.ts";
import { CommandFailed, request, type Server } from "./requests.ts";

/** Settings that fit the model, and where they came from, for messages. */
export interface Change {
  readonly source: string;
  readonly leaves: ReadonlyMap<string, Json>;
}

/**
 * Checks settings against the model before anything is sent.
 *
 * @param source  name of the document; `undefined` for words of the command line
 * @throws CommandFailed that names every key, its problem and what is accepted
 */
export function checkChange(model: Model, source: string | undefined, node: SourceNode, advice = ""): Change {
  const checked = model.checkSettings(node);
  if (!checked.ok) throw notAccepted(checked.problems, source, advice);
  return { source: source ?? "the command line", leaves: checked.leaves };
}

/** The failure that lists every problem on a line of its own. */
export function notAccepted(
  problems: readonly Problem[],
  source: string | undefined,
  advice = "",
): CommandFailed {
  const lines = problems.map((problem) => `\n  ${problemText(problem, source)}`).join("");
  return new CommandFailed(`Nothing was changed, because of:${lines}${advice}`);
}

/**
 * Sends the changes in order, then commits and applies all of them at once.
 *
 * @throws CommandFailed with what failed, or the signal; see `inOwnTransaction`
 */
export async function change(
  server: Server,
  model: Model,
  name: string,
  changes: readonly Change[],
): Promise<void> {
  await inOwnTransaction(server, name, async (transaction, throwIfInterrupted) => {
    for (const { source, leaves } of changes) {
      const body = JSON.stringify(model.nest(leaves));
      await request(server, `store the settings of ${source}`, "PATCH", `/settings?tx=${transaction}`, body);
      throwIfInterrupted();
    }
    // Without any leaf too: that there is nothing to commit is the server's to say (api Check 30).
    return true;
  });
}
