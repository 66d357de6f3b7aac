/** What is told of changes: by commit for those who wait for one, by run for those who look into the last. */

import type { AppliedCommit } from "../settings/index.ts";
import { byTime, type Commit, type Run, type Turn } from "./runs.ts";
import type { ToDo } from "./to-do.ts";

/** All commits that are known of, newest last. */
export function commitOutcomes(turns: readonly Turn[], toDo: readonly ToDo[]): readonly AppliedCommit[] {
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

function outcomeOf({ commit, run }: { commit: Commit; run: Run | undefined }): AppliedCommit {
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

function stateOf(run: Run | undefined): AppliedCommit["state"] {
  if (run === undefined) return "waiting";
  if (run.durationMs === undefined) return "applying";
  return run.failures.length === 0 ? "done" : "failed";
}
