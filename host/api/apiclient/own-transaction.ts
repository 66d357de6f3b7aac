/** One change of ours: staged in a transaction of its own, committed and applied whole, or discarded. */
import { CommandFailed, request, requestAnswer, type Server } from "./requests.ts";

/** The transaction that a change is staged in. */
export interface OwnTransaction {
  readonly name: string;
  /**
   * To be asked after each request whether to go on: not during it, because a request that is still on its way could
   * open the transaction again after it was deleted.
   *
   * @throws CommandFailed once a signal has asked to end
   */
  throwIfInterrupted(): void;
  /** Gives up with `throwIfInterrupted` as soon as a signal comes: for requests that only read. */
  unlessInterrupted<T>(reading: Promise<T>): Promise<T>;
  /**
   * @param trySeconds  how long the change is on trial; undefined if it is not
   * @returns the id under which the outcome can be read, if the server tells it
   */
  commitAndApply(trySeconds: number | undefined): Promise<string | undefined>;
}

/**
 * Does something in a transaction that is deleted in the end, unless it was committed.
 *
 * So nothing half-made waits for somebody else's commit, whatever fails. The same when SIGINT, SIGTERM or SIGHUP (a
 * terminal that was closed) comes before the commit is asked for; from then on they end the program as usual, and the
 * commit goes on in the server.
 *
 * @param name  what the name of the transaction begins with
 * @throws CommandFailed with what failed, or the signal
 */
export async function inOwnTransaction<T>(
  server: Server,
  name: string,
  work: (transaction: OwnTransaction) => Promise<T>,
): Promise<T> {
  const transaction = `${name}-${randomSuffix()}`;
  const discard = () => request(server, "discard the transaction", "DELETE", `/tx?tx=${transaction}`);
  const signals = watchSignals();
  let isCommitted = false;
  try {
    const result = await work({
      name: transaction,
      throwIfInterrupted: signals.throwIfAny,
      unlessInterrupted: (reading) => Promise.race([reading, signals.interruption]),
      async commitAndApply(trySeconds) {
        signals.stop();
        const trying = trySeconds === undefined ? "" : `&try=${trySeconds}`;
        const uri = `/tx/commit_and_apply?tx=${transaction}${trying}`;
        const { commit } = await requestAnswer(server, "commit and apply the settings", "POST", uri);
        isCommitted = true;
        return commit;
      },
    });
    if (!isCommitted) await discard();
    return result;
  } catch (error) {
    if (isCommitted) throw error;
    await discard().catch((second: unknown) => {
      // The first failure is the one to report; this one is mentioned, because something stays pending until reboot.
      if (error instanceof CommandFailed && second instanceof CommandFailed)
        error.message += `\n${second.message}`;
    });
    throw error;
  } finally {
    signals.stop();
  }
}

const endingSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Keeps the first ending signal from ending the program; a second one ends it, whatever it waits for. */
function watchSignals() {
  const { promise: interruption, reject } = Promise.withResolvers<never>();
  // Most of the time nobody waits for it.
  interruption.catch(() => undefined);
  let caught: CommandFailed | undefined;
  const stop = () => {
    for (const signal of endingSignals) process.off(signal, onSignal);
  };
  const onSignal = (signal: NodeJS.Signals) => {
    caught = new CommandFailed(`Interrupted by ${signal}: nothing was changed`);
    reject(caught);
    stop();
  };
  for (const signal of endingSignals) process.on(signal, onSignal);
  return {
    interruption,
    throwIfAny() {
      if (caught !== undefined) throw caught;
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
