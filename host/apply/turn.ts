/**
 * Whose turn it is to apply: one works, at most one more waits, and what they are asked while they cannot start at
 * once is on the to-do list. So fifty quick changes during a slow restart cost one process and one more restart.
 */

import { Failure } from "../linux/failure.ts";
import { type ApplyHost, type ApplyRequest, type ApplyResult, applyRequest, nothingDone } from "./apply.ts";
import { TurnRecord } from "./history.ts";
import { asNextInLine, withApplierLock } from "./lock.ts";
import { crossOut, readToDo, type ToDo } from "./to-do.ts";

/**
 * Applies one request, as soon as no other process applies.
 *
 * @throws  Failure if the API refuses, or a template is missing or invalid; then nothing was written
 */
export function applySettings(host: ApplyHost, request: ApplyRequest): Promise<ApplyResult> {
  return withApplierLock(host.runtimeDirectory, async () => {
    const record = await TurnRecord.begin(host);
    return record.run(
      request,
      [],
      () => true,
      () => applyRequest(host, request),
    );
  });
}

/**
 * Applies all that is on the to-do list, as soon as no other process applies.
 *
 * @returns a result for each run; none if there was nothing to do, or another process waits already and will do it
 * @throws  what is no Failure, such as a server that is gone; then the list stays for the next one
 */
export async function applyToDo(host: ApplyHost): Promise<readonly ApplyResult[]> {
  const results = await asNextInLine(host.runtimeDirectory, async () => {
    const results: ApplyResult[] = [];
    // Again, for what was noted meanwhile: whoever waited for this turn may have lost patience.
    for (;;) {
      const toDo = await readToDo(host.runtimeDirectory);
      if (toDo.length === 0) return results;
      results.push(...(await workOff(host, toDo)));
      // Not before the outcome is recorded: what is on the list is told as waiting, and done again by the next one.
      await crossOut(toDo);
    }
  });
  return results ?? [];
}

async function workOff(host: ApplyHost, toDo: readonly ToDo[]): Promise<readonly ApplyResult[]> {
  const record = await TurnRecord.begin(host);
  const results: ApplyResult[] = [];
  const attempt = (
    request: ApplyRequest,
    entries: readonly ToDo[],
    isDecided: (result: ApplyResult) => boolean = () => true,
  ): Promise<ApplyResult> => {
    const commits = entries.flatMap((entry) => entry.commits);
    return record.run(request, commits, isDecided, () => applyOrRefuse(host, request));
  };
  const ofKeys = toDo.filter(({ request }) => request.kind === "keys");
  if (ofKeys.length > 0) {
    const isAlone = ofKeys.length === 1;
    const keys = new Set(ofKeys.flatMap(({ request }) => (request.kind === "keys" ? request.keys : [])));
    const isDecided = ({ stopped }: ApplyResult) => isAlone || !stopped;
    const together = await attempt({ kind: "keys", keys: [...keys] }, ofKeys, isDecided);
    if (isDecided(together)) results.push(together);
    // One change that cannot be rendered must not keep the others that came meanwhile from being applied.
    else for (const entry of ofKeys) results.push(await attempt(entry.request, [entry]));
  }
  // After the keys, because all mode does not tell systemd of the unit files it writes.
  const ofAll = toDo.filter(({ request }) => request.kind === "all");
  if (ofAll.length > 0) results.push(await attempt({ kind: "all" }, ofAll));
  return results;
}

/** A Failure is an answer: asking again would bring the same, and keep all later changes from being applied. */
async function applyOrRefuse(host: ApplyHost, request: ApplyRequest): Promise<ApplyResult> {
  try {
    return await applyRequest(host, request);
  } catch (thrown) {
    if (thrown instanceof Failure) return nothingDone([thrown]);
    throw thrown;
  }
}
