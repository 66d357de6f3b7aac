/** What is told of changes: by commit for those who wait for one, by run for those who look into the last. */

import { byTime, type Commit, type RecordedFailure, type Run, type Turn } from "./runs.ts";
import type { ToDo } from "./to-do.ts";

/** What became of one commit so far. What several commits were applied in together is told of each of them. */
export interface CommitOutcome {
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly "committed-at": string;
  readonly keys: readonly string[] | "all";
  readonly state: "waiting" | "applying" | "done" | "failed";
  /** How long applying took; null before its end. */
  readonly "duration-ms": number | null;
  /** Paths that were written. */
  readonly files: readonly string[];
  /** Paths that were removed, because they need a setting that was. */
  readonly "removed-files": readonly string[];
  /** The services whose restart commands were run, in that order. */
  readonly services: readonly {
    readonly name: string;
    readonly outcome: "done" | "failed";
    readonly "duration-ms": number;
  }[];
  readonly failures: readonly RecordedFailure[];
  readonly warnings: readonly RecordedFailure[];
}

/** All commits that are known of, newest last. */
export function commitOutcomes(turns: readonly Turn[], toDo: readonly ToDo[]): readonly CommitOutcome[] {
  const found = new Map<string, { commit: Commit; run: Run | undefined }>();
  for (const { commits } of toDo)
    for (const commit of commits) found.set(commit.id, { commit, run: undefined });
  // After those on the list, where a commit stays until its run has ended.
  for (const run of turns.flat()) for (const commit of run.commits) found.set(commit.id, { commit, run });
  return [...found.values()].sort((a, b) => byTime(a.commit, b.commit)).map(outcomeOf);
}

/** How the last turn went that came to its end; undefined if none did. For `GET /apply/report`. */
export function lastReport(turns: readonly Turn[]) {
  const isOver = (runs: Turn) => runs.length > 0 && runs.every(({ durationMs }) => durationMs !== undefined);
  const runs = turns.findLast(isOver);
  return runs && { runs: runs.map((run) => ({ ...run, commits: run.commits.map(({ id }) => id) })) };
}

function outcomeOf({ commit, run }: { commit: Commit; run: Run | undefined }): CommitOutcome {
  return {
    id: commit.id,
    "committed-at": new Date(commit.committedAtMs).toISOString(),
    keys: commit.keys,
    state: stateOf(run),
    "duration-ms": run?.durationMs ?? null,
    files: run?.writtenPaths ?? [],
    "removed-files": run?.removedPaths ?? [],
    services: (run?.restarts ?? []).map(({ name, outcome, durationMs }) => {
      return { name, outcome, "duration-ms": durationMs };
    }),
    failures: run?.failures ?? [],
    warnings: run?.warnings ?? [],
  };
}

function stateOf(run: Run | undefined): CommitOutcome["state"] {
  if (run === undefined) return "waiting";
  if (run.durationMs === undefined) return "applying";
  return run.failures.length === 0 ? "done" : "failed";
}
