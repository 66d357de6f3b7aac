/** One change of ours: staged in a transaction of its own, committed and applied whole, or discarded. */
import { CommandFailed, request, type Server } from "./requests.ts";

/**
 * Opens a transaction, has changes staged in it, then commits and applies them.
 *
 * Whatever fails after the first request, the transaction is deleted, so that nothing half-made waits for somebody
 * else's commit. The same when SIGINT, SIGTERM or SIGHUP (a terminal that was closed) comes before the commit is asked for;
 * from then on they end the program as usual, and the commit goes on in the server.
 *
 * @param name   what the name of the transaction begins with
 * @param stage  stages the changes, and asks after each request whether to go on: not during it, because a request that
 *   is still on its way could open the transaction again after it was deleted. Its answer is whether there is anything to commit
 * @throws CommandFailed with what failed, or the signal
 */
export async function inOwnTransaction(
  server: Server,
  name: string,
  stage: (transaction: string, throwIfInterrupted: () => void) => Promise<boolean>,
): Promise<void> {
  const transaction = `${name}-${randomSuffix()}`;
  const signals = watchSignals();
  try {
    const hasChanges = await stage(transaction, signals.throwIfAny);
    signals.stop();
    if (!hasChanges) return;
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
