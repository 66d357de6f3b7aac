/** Changing settings: checked here, staged in a transaction of our own, then committed and applied. */
import { type Json, type Model, type Problem, problemText, type SourceNode } from "../../settings/index.ts";
import type { Manner } from "./change-options.ts";
import { changeSettings } from "./change-settings.ts";
import { CommandFailed, request } from "./requests.ts";
import type { Client } from "./run.ts";

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
 * Sends the changes in order, and makes all of them at once.
 *
 * @throws CommandFailed as `changeSettings`
 */
export async function change(
  client: Client,
  model: Model,
  name: string,
  manner: Manner,
  changes: readonly Change[],
): Promise<void> {
  const { server } = client;
  await changeSettings(client, name, manner, async (transaction) => {
    for (const { source, leaves } of changes) {
      const body = JSON.stringify(model.nest(leaves));
      const uri = `/settings?tx=${transaction.name}`;
      await request(server, `store the settings of ${source}`, "PATCH", uri, body);
      transaction.throwIfInterrupted();
    }
    // Without any leaf too: that there is nothing to commit is the server's to say (api Check 30).
    return true;
  });
}
