/**
 * A trial: settings that are committed and put back unless somebody confirms them in time. As values: nothing here
 * touches a disk or a clock.
 *
 * A trial survives one restart of the host, so that settings which need one can be tried; its time then begins anew. If
 * the host starts a second time and nobody has confirmed, the settings are put back before anything is applied: they
 * may be why it does not come up.
 */
import type { BootClock } from "../linux/boot-clock.ts";
import { isTable, type Json, type JsonTable, mergeLeaves } from "../settings/index.ts";
import type { Leaves } from "./transactions.ts";

export interface Trial {
  /** Tells one trial from another. */
  readonly id: string;
  /** The values before the trial by the text of their keys; null for what was not set. */
  readonly before: Leaves;
  /** How long it may take until it is confirmed, 1 to 86400. */
  readonly seconds: number;
  /** The boot in which its time runs. */
  readonly bootId: string;
  /** Seconds since the beginning of that boot; undefined until the server runs in it. */
  readonly startedAtSeconds: number | undefined;
  /** Whether that boot is not the one in which it was committed. */
  readonly afterRestart: boolean;
}

/** How a trial ended, for people who wonder. */
export interface EndedTrial {
  /** Sorted. */
  readonly keys: readonly string[];
  readonly end: TrialEnd;
}

/** Confirmed; or put back because somebody wanted it, because the time was up, or because the host started twice. */
export type TrialEnd = (typeof trialEnds)[number];
const trialEnds = ["confirmed", "reverted", "time-up", "started-twice"] as const;

/** What a commit on trial begins with. */
export type TrialStart = Omit<Trial, "before" | "afterRestart">;

/** The trial of a commit. @param live  before it */
export function trialOf(start: TrialStart, live: Leaves, staged: Leaves): Trial {
  const before = new Map([...staged.keys()].map((key) => [key, live.get(key) ?? null]));
  return { ...start, before, afterRestart: false };
}

/** The keys that are on trial, sorted. */
export function trialKeys(trial: Trial): readonly string[] {
  return [...trial.before.keys()].sort();
}

/** A document once its trial has ended: the settings are kept, or as they were before. */
export function withEndedTrial<D extends { readonly leaves: Leaves; readonly trial?: Trial }>(
  document: D,
  trial: Trial,
  end: TrialEnd,
): Omit<D, "trial"> & { readonly lastTrial: EndedTrial } {
  const { trial: _, ...rest } = document;
  const leaves = end === "confirmed" ? document.leaves : mergeLeaves(document.leaves, trial.before);
  return { ...rest, leaves, lastTrial: { keys: trialKeys(trial), end } };
}

/** What a trial is when the host has started, or the server: as it was, in a boot that is new to it, or over. */
export function trialInBoot(trial: Trial, bootId: string): Trial | "put-back" {
  if (trial.bootId === bootId) return trial;
  if (trial.afterRestart) return "put-back";
  return { ...trial, bootId, startedAtSeconds: undefined, afterRestart: true };
}

/** Seconds until a trial is over, not above zero if it is; all of them if its time does not run in this boot yet. */
export function secondsLeft(trial: Trial, clock: BootClock): number {
  const { seconds, startedAtSeconds, bootId } = trial;
  if (startedAtSeconds === undefined || bootId !== clock.bootId) return seconds;
  return seconds - (clock.uptimeSeconds() - startedAtSeconds);
}

/** A trial as the document of the store has it. */
export function trialJson(trial: Trial): JsonTable {
  const { id, before, seconds, bootId, startedAtSeconds, afterRestart } = trial;
  return {
    id,
    before: Object.fromEntries(before),
    seconds,
    "boot-id": bootId,
    "started-at-seconds": startedAtSeconds ?? null,
    "after-restart": afterRestart,
  };
}

/** Reads what `trialJson` made; undefined if it is something else. */
export function readTrial(value: Json): Trial | undefined {
  if (!isTable(value)) return undefined;
  const { id, before, seconds, "boot-id": bootId } = value;
  const startedAt = value["started-at-seconds"];
  const afterRestart = value["after-restart"];
  if (typeof id !== "string" || typeof bootId !== "string" || typeof afterRestart !== "boolean")
    return undefined;
  if (before === undefined || !isTable(before) || typeof seconds !== "number") return undefined;
  if (startedAt !== null && typeof startedAt !== "number") return undefined;
  const startedAtSeconds = startedAt ?? undefined;
  return { id, before: new Map(Object.entries(before)), seconds, bootId, startedAtSeconds, afterRestart };
}

export function endedTrialJson({ keys, end }: EndedTrial): JsonTable {
  return { keys, end };
}

/** Reads what `endedTrialJson` made; undefined if it is something else. */
export function readEndedTrial(value: Json): EndedTrial | undefined {
  if (!isTable(value) || !Array.isArray(value.keys)) return undefined;
  const keys = value.keys.filter((key) => typeof key === "string");
  const end = trialEnds.find((one) => one === value.end);
  return end === undefined || keys.length !== value.keys.length ? undefined : { keys, end };
}
