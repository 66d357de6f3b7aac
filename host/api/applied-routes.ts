/**
 * GET /tx/applied: what became of the last commits. Not in the reference, whose applier tells the journal alone: there a
 * commit that cannot be applied looks like one that was (WEAKNESS in specification "api" 11).
 */
import type { Decision } from "./decision.ts";
import { found, type Reply, refused } from "./reply.ts";
import type { ApiRequest } from "./request.ts";

/** What went wrong, for programs, for people, and what to do about it; the last may be "". */
export interface AppliedFailure {
  readonly code: string;
  readonly text: string;
  readonly hint: string;
}

/** What became of one commit so far. */
export interface AppliedCommit {
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
  readonly failures: readonly AppliedFailure[];
  readonly warnings: readonly AppliedFailure[];
}

/** Decides to look up all commits, or the one that is named. */
export function readApplied(request: ApiRequest): Decision {
  const id = request.query.get("id");
  if (id !== "") return { kind: "commits", id };
  const text = "The parameter id is empty; give the id of a commit, or leave id out for all";
  return { kind: "reply", reply: refused(400, text) };
}

/** The reply with these commits, or with the one that is asked for. */
export function appliedReply(commits: readonly AppliedCommit[], id: string | undefined): Reply {
  const asked = id === undefined ? commits : commits.filter((commit) => commit.id === id);
  if (id === undefined || asked.length > 0) return found({ commits: asked });
  return refused(
    404,
    `No commit ${JSON.stringify(id)} is known: only the last ones of this boot that were to be applied are`,
  );
}

/** The reply with how the last change went. */
export function lastReportReply(report: object | undefined): Reply {
  return report === undefined
    ? refused(404, "There is no report yet: no change was applied since this boot began")
    : found(report);
}
