/**
 * Makes the store ready for a boot, before the server runs: it exists, its links lead to it, no transaction
 * of an earlier boot is left, a trial that the host has started twice with is put back, and the defaults that are not set wait in the launch transaction
 * (specification "api" 9.1).
 */
import { join } from "node:path";
import { Failure } from "../linux/failure.ts";
import { type Disk, disk, listIfExists, writeWhole } from "../linux/files.ts";
import type { Model } from "../settings/index.ts";
import { documentText, launchTransaction, type StoreDocument, transactionFileName } from "./documents.ts";
import { fail } from "./failures.ts";
import { liveFile, pendingDirectory, readLive } from "./read-store.ts";
import type { Leaves } from "./transactions.ts";
import { trialInBoot, trialKeys, withEndedTrial } from "./trial.ts";
import { findOrCreateStore } from "./version-links.ts";

export interface PreparedStore {
  /** The real directory of the store. */
  readonly directory: string;
  /** True if there was no store before. */
  readonly created: boolean;
  /** The keys of the defaults that were staged, sorted. */
  readonly staged: readonly string[];
  /** The keys on trial that were put back, because nobody confirmed them and this is the second start with them. */
  readonly putBack: readonly string[];
  /** Why a store that is there could not be cleared of old transactions or given new defaults, if it could not. */
  readonly notStaged?: Failure;
}

/**
 * Prepares the store below a base directory, creating what is missing.
 *
 * @param base     absolute path; made if it does not exist
 * @param version  of the OS, "1.11.1"; used only when the store is created
 * @param bootId   of the boot that this is for; without it a trial is left to the server
 * @returns with `notStaged` if only that failed and there was a store before: a host whose disk is full must still
 *   come up with the settings it has, so that it can be asked and repaired
 * @throws Failure of host/store; what has been done is then right as far as it goes, and can be repeated
 */
export async function prepareStore(
  base: string,
  version: string,
  model: Pick<Model, "defaults">,
  on: Disk = disk,
  bootId?: string,
): Promise<PreparedStore> {
  try {
    const { directory, created } = await findOrCreateStore(base, version, on);
    const found = await readLive(directory);
    let putBack: readonly string[] = [];
    try {
      // Before the defaults: a setting that had none may have one again.
      const { document, keys } = await settleTrial(directory, found, bootId, on);
      putBack = keys;
      const staged = await stageDefaults(directory, document.leaves, model.defaults, on);
      return { directory, created, putBack, staged };
    } catch (cause) {
      if (created) throw cause;
      return { directory, created, putBack, staged: [], notStaged: notPrepared(base, cause) };
    }
  } catch (cause) {
    throw notPrepared(base, cause);
  }
}

function notPrepared(base: string, cause: unknown): Failure {
  if (cause instanceof Failure) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return fail("store/not-prepared", { base, reason }, { cause });
}

/** Lets a trial go on in this boot, or puts it back if the host has started with it before. */
async function settleTrial(
  directory: string,
  document: StoreDocument,
  bootId: string | undefined,
  on: Disk,
): Promise<{ readonly document: StoreDocument; readonly keys: readonly string[] }> {
  const { trial } = document;
  if (trial === undefined || bootId === undefined) return { document, keys: [] };
  const now = trialInBoot(trial, bootId);
  if (now === trial) return { document, keys: [] };
  const isOver = now === "put-back";
  const settled = isOver ? withEndedTrial(document, trial, "started-twice") : { ...document, trial: now };
  await writeWhole(join(directory, liveFile), documentText(settled), { durable: true }, on);
  return { document: settled, keys: isOver ? trialKeys(trial) : [] };
}

/**
 * Ends all transactions and opens the launch transaction with the defaults that have no live value. The directory
 * stays: on a full disk it could be removed but not made again.
 */
async function stageDefaults(
  directory: string,
  live: Leaves,
  defaults: Leaves,
  on: Disk,
): Promise<readonly string[]> {
  const pending = join(directory, pendingDirectory);
  await on.makeDirectory(pending);
  for (const name of (await listIfExists(pending)) ?? []) await on.remove(join(pending, name));
  const missing: Leaves = new Map([...defaults].filter(([key]) => !live.has(key)));
  if (missing.size > 0) {
    const text = documentText({ transaction: crypto.randomUUID(), leaves: missing });
    await writeWhole(join(pending, transactionFileName(launchTransaction)), text, { durable: false }, on);
  }
  return [...missing.keys()].sort();
}
