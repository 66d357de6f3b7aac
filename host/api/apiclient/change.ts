/** Changing settings: checked here, staged in a transaction of our own, then committed and applied. */
import { type Json, type Model, type Problem, problemText, type SourceNode } from "../../settings/index.ts";
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
 * Whatever fails after the first request, the transaction is deleted, so that nothing half-made waits for somebody
 * else's commit. The same when SIGINT, SIGTERM or SIGHUP (a terminal that was closed) comes before the commit is asked for;
 * from then on they end the program as usual, and the commit goes on in the server.
 *
 * @throws CommandFailed with what failed, or the signal
 */
export async function change(
  server: Server,
  model: Model,
  name: string,
  changes: readonly Change[],
): Promise<void> {
  const transaction = `${name}-${randomSuffix()}`;
  const signals = watchSignals();
  try {
    for (const { source, leaves } of changes) {
      const body = JSON.stringify(model.nest(leaves));
      await request(server, `store the settings of ${source}`, "PATCH", `/settings?tx=${transaction}`, body);
      // Not earlier: a request that is still on its way could open the transaction again after it was deleted.
      signals.throwIfAny();
    }
    signals.stop();
    await request(server, "commit and apply the settings", "POST", `/tx/commit_and_apply?tx=${transaction}`);
  } catch (error) {
    await request(server, "discard the transaction", "DELETE", `/tx?tx=${transaction}`).catch(
      (second: unknown) => {
        // The first failure is the one to report; this one is mentioned, because something stays pending until reboot.
        if (error instanceof CommandFailed && second instanceof CommandFailed)
          error.message += `\n${second.message}`;
      },
    );
    throw error;
  } finally {
    signals.stop();
  }
}

const endingSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Keeps the first ending signal from ending the program; a second one ends it, whatever it waits for. */
function watchSignals(): { throwIfAny(): void; stop(): void } {
  let caught: NodeJS.Signals | undefined;
  const stop = () => {
    for (const signal of endingSignals) process.off(signal, onSignal);
  };
  const onSignal = (signal: NodeJS.Signals) => {
    caught = signal;
    stop();
  };
  for (const signal of endingSignals) process.on(signal, onSignal);
  return {
    throwIfAny() {
      if (caught !== undefined) throw new CommandFailed(`Interrupted by ${caught}: nothing was changed`);
    },
    stop,
  };
}

/** 16 characters of `A-Za-z0-9` (api.md 8.1). */
function randomSuffix(): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  // The global and not node:crypto, which costs the start of the program 3 MB. 256 is no multiple of 62: the first
  // letters are a little likelier, which matters to nobody here.
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => letters[byte % letters.length])
    .join("");
}
