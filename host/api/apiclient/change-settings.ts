/** Changing settings in the manner that the command line asks for: committed and applied, or only compared. */
import type { TransactionDiff } from "../diff-route.ts";
import type { Manner } from "./change-options.ts";
import { dryRunText } from "./dry-run-text.ts";
import { failureLine } from "./outcome-text.ts";
import { inOwnTransaction, type OwnTransaction } from "./own-transaction.ts";
import { CommandFailed, request } from "./requests.ts";
import type { Client } from "./run.ts";
import { trialAdvice } from "./trial.ts";
import { waitUntilApplied } from "./wait.ts";

/**
 * Has a change staged in a transaction of its own, then commits and applies it whole, or, in a dry run, shows what it
 * would do and forgets it.
 *
 * @param name   what the name of the transaction begins with
 * @param stage  stages the change; its answer is whether there is anything to commit
 * @throws CommandFailed with what failed, the signal, or what would fail; see `inOwnTransaction`, `waitUntilApplied`
 */
export async function changeSettings(
  client: Client,
  name: string,
  manner: Manner,
  stage: (transaction: OwnTransaction) => Promise<boolean>,
): Promise<void> {
  if (manner.kind === "dry-run") {
    await inOwnTransaction(client.server, name, async (transaction) => {
      await stage(transaction);
      await showDiff(client, manner.output, transaction);
    });
    return;
  }
  const asked = await inOwnTransaction(client.server, name, async (transaction) =>
    (await stage(transaction)) ? { id: await transaction.commitAndApply(manner.trySeconds) } : undefined,
  );
  if (asked === undefined) return;
  // Before the waiting, which may take longer than the trial, or fail.
  if (manner.trySeconds !== undefined) client.tell(trialAdvice(manner.trySeconds));
  if (!(manner.wait ?? client.isTerminal)) return;
  if (asked.id !== undefined) return waitUntilApplied(client, asked.id);
  const why = "The settings are committed, but the server does not tell how they are applied";
  if (manner.wait === true) throw new CommandFailed(`${why}; see the journal of apiserver.service`);
  client.warn(why);
}

async function showDiff(client: Client, output: "text" | "json", transaction: OwnTransaction): Promise<void> {
  const uri = `/tx/diff?tx=${transaction.name}`;
  const reading = request(client.server, "compare the settings with what is live", "GET", uri);
  const body = await transaction.unlessInterrupted(reading);
  // The server's own reply, whose shape is part of the API.
  const diff = JSON.parse(body) as TransactionDiff;
  client.print(output === "json" ? `${JSON.stringify(diff, undefined, 2)}\n` : dryRunText(diff));
  if (diff.problems.length === 0) return;
  const problems = diff.problems.map((problem) => `\n  ${failureLine(problem)}`).join("");
  throw new CommandFailed(`This change would not be accepted, or not be applied, because of:${problems}`);
}
