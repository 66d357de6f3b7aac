/**
 * What became of changes. Decides only; history.ts keeps it.
 *
 * Terms: a *commit* is what asked for something to be applied, by its id; a *run* renders, writes and restarts once,
 * for one commit or several that came close together; the runs of a *turn* work off what was noted when it began.
 */

import { Failure, failureText } from "../linux/failure.ts";
import type { AppliedFailure } from "../settings/index.ts";
import type { ApplyRequest, ApplyResult, RestartedService } from "./apply.ts";

/** A commit of settings that is to be applied, or a request to apply what is live already. */
export interface Commit {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly committedAtMs: number;
  /** The changed settings, or everything. */
  readonly keys: readonly string[] | "all";
}

/** One run as it is recorded. */
export interface Run {
  readonly startedAtMs: number;
  /** `undefined` while it goes on, and for good if the process was killed in it. */
  readonly durationMs: number | undefined;
  /** The changed settings that were applied, or everything. */
  readonly keys: Commit["keys"];
  /** The commits that have their outcome from this run. */
  readonly commits: readonly Commit[];
  readonly writtenPaths: readonly string[];
  /** Files that need a setting which was removed. */
  readonly removedPaths: readonly string[];
  /** The services whose restart commands were run. */
  readonly restarts: readonly RestartedService[];
  readonly failures: readonly AppliedFailure[];
  readonly warnings: readonly AppliedFailure[];
}

export type Turn = readonly Run[];

// Twice what the API promises to tell of: what waits and what is done are counted apart, and neither may grow for ever.
export const mostCommits = 64;

/** What a request asks for. */
export function keysOf(request: ApplyRequest): Commit["keys"] {
  return request.kind === "all" ? "all" : request.keys;
}

/** A run that has just begun. */
export function begunRun(request: ApplyRequest, startedAtMs: number, commits: readonly Commit[]): Run {
  const keys = keysOf(request);
  const nothing = { writtenPaths: [], removedPaths: [], restarts: [], failures: [], warnings: [] };
  return { startedAtMs, durationMs: undefined, keys, commits, ...nothing };
}

/** The same run at its end, which it reached by itself or by something that was thrown. */
export function endedRun(
  run: Run,
  durationMs: number,
  outcome: ApplyResult | { readonly thrown: unknown },
  commits: readonly Commit[],
): Run {
  const ended = { ...run, durationMs, commits };
  if ("thrown" in outcome) return { ...ended, failures: [recordedFailure(outcome.thrown)] };
  const { writtenPaths, removedPaths, restarts, failures, warnings } = outcome;
  return {
    ...ended,
    writtenPaths,
    removedPaths,
    restarts,
    failures: failures.map(recordedFailure),
    warnings: warnings.map(recordedFailure),
  };
}

/** A failure as programs and people get to see it. */
export function recordedFailure(thrown: unknown): AppliedFailure {
  const { code, hint } = thrown instanceof Failure ? thrown : { code: "", hint: "" };
  return { code, text: failureText(thrown), hint };
}

/** The turns of processes that came to their end: whoever was killed has left the rest on the to-do list. */
export function withoutUnfinished(turns: readonly Turn[]): readonly Turn[] {
  return turns.map((runs) => runs.filter(({ durationMs }) => durationMs !== undefined));
}

/** What is worth keeping: the last commits, and the last two turns, one of which may not be at its end. */
export function shortened(turns: readonly Turn[]): readonly Turn[] {
  const all = turns.flat().flatMap(({ commits }) => commits);
  const kept = new Set(newest(all).map(({ id }) => id));
  return turns
    .map((runs) => runs.map((run) => ({ ...run, commits: run.commits.filter(({ id }) => kept.has(id)) })))
    .filter((runs, at) => at >= turns.length - 2 || runs.some(({ commits }) => commits.length > 0));
}

/** The last of some commits, oldest first, each once. */
export function newest(commits: readonly Commit[]): readonly Commit[] {
  return [...new Map(commits.map((commit) => [commit.id, commit])).values()].sort(byTime).slice(-mostCommits);
}

/** Commits of one moment are in the order of their ids, which are made in order. */
export function byTime(a: Commit, b: Commit): number {
  return a.committedAtMs - b.committedAtMs || (a.id < b.id ? -1 : 1);
}
