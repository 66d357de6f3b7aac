/**
 * The documents of the store as text, and the file names of transactions.
 *
 *   live.json                   {"format":1,"transaction":"…","leaves":{"settings.motd":"…"}}
 *   pending/<name>.json         the same; one a transaction, its name percent-encoded
 *
 * A leaf of a pending document that is null is to be removed at commit.
 *
 * `transaction` is the random identity of the transaction that the document belongs to: in live.json that of
 * the last commit. So a transaction that was committed just before a crash, and whose file is still there, is
 * known to be done.
 *
 * While settings are on trial, live.json has a member `trial` with what puts them back, so that one rename does both;
 * once a trial has ended, `last-trial` tells how.
 */
import { isTable, type Json, type JsonTable } from "../settings/index.ts";
import { fail } from "./failures.ts";
import type { Leaves } from "./transactions.ts";
import {
  type EndedTrial,
  endedTrialJson,
  readEndedTrial,
  readTrial,
  type Trial,
  trialJson,
} from "./trial.ts";

/** The transaction into which everything that configures the host at boot is staged. */
export const launchTransaction = "bottlerocket-launch";

export interface StoreDocument {
  readonly transaction: string;
  readonly leaves: Leaves;
  /** The trial that runs, in the live document. */
  readonly trial?: Trial;
  /** The trial that ended last, in the live document. */
  readonly lastTrial?: EndedTrial;
}

const format = 1;

/** The text of a document; leaves in the order of their keys, so that equal content gives equal text. */
export function documentText(document: StoreDocument): string {
  const leaves = Object.fromEntries([...document.leaves].sort(([a], [b]) => (a < b ? -1 : 1)));
  const { transaction, trial, lastTrial } = document;
  const running = trial === undefined ? {} : { trial: trialJson(trial) };
  const ended = lastTrial === undefined ? {} : { "last-trial": endedTrialJson(lastTrial) };
  return JSON.stringify({ format, transaction, ...running, ...ended, leaves });
}

/**
 * Reads the text of a document.
 *
 * @param path  for the message
 * @throws Failure "store/damaged"
 */
export function readDocument(path: string, text: string): StoreDocument {
  const content = parseObject(path, text);
  const { transaction, leaves } = content;
  if (content.format !== format) throw damaged(path, `its format is not ${format}`);
  if (typeof transaction !== "string") throw damaged(path, "it names no transaction");
  if (!isTable(leaves)) throw damaged(path, "it has no leaves");
  const trial = content.trial === undefined ? undefined : readTrial(content.trial);
  // What would be put back is not known then, and to keep what was only tried is not for a program to decide.
  if (content.trial !== undefined && trial === undefined) throw damaged(path, "its trial is none");
  const ended = content["last-trial"];
  const lastTrial = ended === undefined ? undefined : readEndedTrial(ended);
  return {
    transaction,
    leaves: new Map(Object.entries(leaves)),
    ...(trial === undefined ? {} : { trial }),
    ...(lastTrial === undefined ? {} : { lastTrial }),
  };
}

function parseObject(path: string, text: string): JsonTable {
  try {
    // JSON.parse makes nothing but JSON values.
    const content = JSON.parse(text) as Json;
    if (isTable(content)) return content;
  } catch (cause) {
    throw damaged(path, "it is not JSON", cause);
  }
  throw damaged(path, "it is not a JSON object");
}

function damaged(path: string, reason: string, cause?: unknown) {
  return fail("store/damaged", { path, reason }, cause === undefined ? {} : { cause });
}

const suffix = ".json";
const longestFileName = 255; // bytes; the limit of the file systems that hold a store

/**
 * The file name of a transaction: every byte but `A-Z a-z 0-9 _ -` becomes `%XX`, so no name leads elsewhere.
 *
 * @throws Failure "store/bad-transaction-name" for an empty name or one that is too long when encoded
 */
export function transactionFileName(name: string): string {
  const reason = transactionNameProblem(name);
  if (reason !== undefined) throw fail("store/bad-transaction-name", { name, reason });
  return encodeName(name) + suffix;
}

/** Why a name cannot be that of a transaction, as a clause, or undefined if it can. */
export function transactionNameProblem(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (!name.isWellFormed()) return "it is not valid Unicode";
  const length = encodeName(name).length + suffix.length;
  return length > longestFileName
    ? `it needs ${length} bytes, and ${longestFileName} are possible`
    : undefined;
}

/** The transaction of a file name, or undefined if the file is none of a transaction. */
export function transactionOfFile(fileName: string): string | undefined {
  if (!fileName.endsWith(suffix)) return undefined;
  try {
    const name = decodeURIComponent(fileName.slice(0, -suffix.length));
    return name !== "" && encodeName(name) + suffix === fileName ? name : undefined;
  } catch {
    // Not percent-encoded UTF-8, so not a name that was made here.
    return undefined;
  }
}

function encodeName(name: string): string {
  let encoded = "";
  for (const byte of new TextEncoder().encode(name)) {
    const character = String.fromCharCode(byte);
    encoded += /[A-Za-z0-9_-]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}
