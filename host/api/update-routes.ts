/**
 * Updates: POST /actions/refresh-updates, prepare-update, activate-update and deactivate-update, GET /updates/status
 * (specification "updates" 9), and GET /updates/progress, which is not in the reference: there, nothing can be read
 * while a command runs.
 */
import type { CommandName, UpdateStatus } from "../update/dispatcher/index.ts";
import type { Decision } from "./decision.ts";
import { done, found, type Reply, refused } from "./reply.ts";
import type { ApiRequest } from "./request.ts";

/** How the dispatcher answered: its exit code, and what it said on stderr. */
export interface Dispatched {
  /** Of the request, by which its end is found. */
  readonly id: string;
  readonly exitCode: number;
  readonly says: string;
}

/** An action without parameters, as all of them are in the reference. */
export const startUpdate = (command: CommandName): Decision => ({ kind: "update", command, retry: false });

/** `retry=true`: also a version that this host refuses, because it did not come up well before. */
export function prepareUpdate(request: ApiRequest): Decision {
  const retry = request.query.get("retry") ?? "false";
  if (retry === "true" || retry === "false")
    return { kind: "update", command: "prepare", retry: retry === "true" };
  const says = `The parameter retry is ${JSON.stringify(retry)}; accepted: true, false`;
  return { kind: "reply", reply: refused(400, says) };
}

const statusByExitCode: ReadonlyMap<number, number> = new Map([
  [64, 423],
  [65, 409],
  [66, 404],
  [67, 404],
]);

/** The reply to an action, by the dispatcher's exit code. */
export function dispatchedReply(command: CommandName, { id, exitCode, says }: Dispatched): Reply {
  if (exitCode === 0) return { ...done, command: id };
  const status = statusByExitCode.get(exitCode) ?? 500;
  const text = says === "" ? `thar-be-updates ${command} ended with exit code ${exitCode}` : oneLine(says);
  return refused(status, text);
}

// The form in which our programs log; the client has no use for the time and the level.
const logLine = /^\d\d:\d\d:\d\d \[[A-Z]+\] /gm;

const oneLine = (text: string): string =>
  text
    .replace(logLine, "")
    .trim()
    .replace(/\s*\n\s*/g, "; ");

/** The reply to GET /updates/status. */
export function updateStatusReply(status: UpdateStatus | "locked" | undefined): Reply {
  if (status === "locked") {
    return refused(
      423,
      "An update command runs; GET /updates/progress tells how far it is (apiclient update status)",
    );
  }
  if (status !== undefined) return found(status);
  return refused(
    404,
    "There is no update status: no update command has run since the host started. Look for updates first: apiclient update check",
  );
}
