/**
 * GET /tx/applied: what became of the last commits. Not in the reference, whose applier tells the journal alone: there a
 * commit that cannot be applied looks like one that was (WEAKNESS in specification "api" 11).
 */
import type { AppliedCommit } from "../settings/index.ts";
import type { Decision } from "./decision.ts";
import { found, type Reply, refused } from "./reply.ts";
import type { ApiRequest } from "./request.ts";

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
