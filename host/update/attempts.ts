/**
 * What this host remembers of updates across reboots: the one being tried, why a set on trial gave up, and the
 * versions it does not take again by itself. Acts; what became of an attempt is decided in attempt-outcome.ts.
 *
 * The flags of the sets decide, these files only explain: they are written before the step that makes them matter,
 * so that after a power cut there may be one too many, which the flags then contradict, but never one too few.
 *
 * Source: specification "updates" 3 and 4, whose reference tries a version that failed again and again.
 */
import { dirname, join } from "node:path";
import { disk, readTextIfExists, writeWhole } from "../linux/files.ts";

/** On the private partition, which both sets see and no update writes. */
const DIRECTORY = "var/lib/bottlerocket/update";

/** An update that was activated. */
export interface Attempt {
  readonly version: string;
  /** The version that activated it, and runs again if it fails. */
  readonly from: string;
  /** RFC 3339, UTC. */
  readonly time: string;
}

/** Why a version is not taken again, in one line, and since when (RFC 3339, UTC). */
export interface Refusal {
  readonly reason: string;
  readonly time: string;
}

/** What a version that ran on trial said before it gave up. */
export interface FailedTrial extends Refusal {
  readonly version: string;
}

type FileName = "attempt.json" | "failed-trial.json" | "refused.json";

/**
 * Remembers which update is tried. To be called before the flags are changed, and waited for.
 *
 * @param root  the directory under which the host's files are found: "/" on a host
 */
export async function recordAttempt(
  root: string,
  { version, from }: Pick<Attempt, "version" | "from">,
  now: Date = new Date(),
): Promise<void> {
  // What an earlier trial of the same version said must not explain this one.
  await remove(root, "failed-trial.json");
  await write(root, "attempt.json", { version, from, time: now.toISOString() });
}

/** The update that is tried or waits for it; undefined if there is none. */
export async function readAttempt(root: string): Promise<Attempt | undefined> {
  const found = await read(root, "attempt.json");
  const [version, from, time] = [textOf(found, "version"), textOf(found, "from"), textOf(found, "time")];
  if (version === undefined || from === undefined || time === undefined) return undefined;
  return { version, from, time };
}

/** Forgets the update that was tried: it was decided, or withdrawn before it ever started. Absent is success. */
export async function forgetAttempt(root: string): Promise<void> {
  await remove(root, "attempt.json");
  await remove(root, "failed-trial.json");
}

/** Leaves word for the version that comes back. To be called by the one on trial before it reboots. */
export async function recordFailedTrial(root: string, failed: FailedTrial): Promise<void> {
  await write(root, "failed-trial.json", failed);
}

/** What a version on trial has left before it gave up; undefined if none could. */
export async function readFailedTrial(root: string): Promise<FailedTrial | undefined> {
  const found = await read(root, "failed-trial.json");
  const [version, refusal] = [textOf(found, "version"), refusalOf(found)];
  return version === undefined || refusal === undefined ? undefined : { version, ...refusal };
}

/** The versions that are not taken until somebody asks for them (`apiclient update apply --retry`), and why. */
export async function refusedVersions(root: string): Promise<ReadonlyMap<string, Refusal>> {
  const found = await read(root, "refused.json");
  const entries: readonly unknown[] = Array.isArray(found) ? found : [];
  return new Map(
    entries.flatMap((entry): [string, Refusal][] => {
      const [version, refusal] = [textOf(entry, "version"), refusalOf(entry)];
      return version === undefined || refusal === undefined ? [] : [[version, refusal]];
    }),
  );
}

/** Does not take a version again; a newer reason replaces the older one. */
export async function refuseVersion(root: string, version: string, refusal: Refusal): Promise<void> {
  await writeRefused(root, new Map([...(await refusedVersions(root)), [version, refusal]]));
}

/** Takes a version again: it has come up well. One that is not refused is success. */
export async function forgetRefusal(root: string, version: string): Promise<void> {
  const refused = new Map(await refusedVersions(root));
  if (refused.delete(version)) await writeRefused(root, refused);
}

async function writeRefused(root: string, refused: ReadonlyMap<string, Refusal>): Promise<void> {
  const entries = [...refused].map(([version, { reason, time }]) => ({ version, reason, time }));
  await write(root, "refused.json", entries);
}

/** @returns undefined for what is not there or is no JSON: somebody has edited it, and the flags count without it */
async function read(root: string, name: FileName): Promise<unknown> {
  const text = await readTextIfExists(join(root, DIRECTORY, name));
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function write(root: string, name: FileName, content: unknown): Promise<void> {
  const directory = join(root, DIRECTORY);
  await disk.makeDirectory(directory);
  await disk.syncDirectory(dirname(directory));
  await writeWhole(join(directory, name), `${JSON.stringify(content, undefined, 2)}\n`, { durable: true });
}

async function remove(root: string, name: FileName): Promise<void> {
  const path = join(root, DIRECTORY, name);
  if ((await readTextIfExists(path)) === undefined) return;
  await disk.remove(path);
  await disk.syncDirectory(dirname(path));
}

function textOf(value: unknown, name: string): string | undefined {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  const member: unknown = Reflect.get(value, name);
  return typeof member === "string" ? member : undefined;
}

function refusalOf(value: unknown): Refusal | undefined {
  const [reason, time] = [textOf(value, "reason"), textOf(value, "time")];
  return reason === undefined || time === undefined ? undefined : { reason, time };
}
