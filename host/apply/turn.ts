/**
 * Whose turn it is to apply: one works, at most one more waits, and what they are asked while they cannot start at
 * once is on the to-do list. So fifty quick changes during a slow restart cost one process and one more restart.
 */

import { Failure, failureText } from "../linux/failure.ts";
import { type ApplyHost, type ApplyRequest, type ApplyResult, applyRequest, nothingDone } from "./apply.ts";
import { asNextInLine, withApplierLock } from "./lock.ts";
import { type ReportedRun, reportedRun, writeApplyReport } from "./report.ts";
import { crossOut, readToDo, type ToDo } from "./to-do.ts";

/**
 * Applies one request, as soon as no other process applies.
 *
 * @throws  Failure if the API refuses, or a template is missing or invalid; then nothing was written
 */
export function applySettings(host: ApplyHost, request: ApplyRequest): Promise<ApplyResult> {
  return withApplierLock(host.runtimeDirectory, () =>
    reporting(host, (runs) => applyAndTime(host, request, runs)),
  );
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
      results.push(...(await reporting(host, (runs) => workOff(host, toDo, runs))));
      await crossOut(toDo);
    }
  });
  return results ?? [];
}

async function workOff(
  host: ApplyHost,
  toDo: readonly ToDo[],
  runs: ReportedRun[],
): Promise<readonly ApplyResult[]> {
  const results: ApplyResult[] = [];
  const attempt = async (request: ApplyRequest): Promise<ApplyResult> => {
    try {
      return await applyAndTime(host, request, runs);
    } catch (thrown) {
      // A Failure is an answer: asking again would bring the same, and keep all later changes from being applied.
      if (thrown instanceof Failure) return nothingDone([thrown]);
      throw thrown;
    }
  };
  const keyLists = toDo.flatMap(({ request }) => (request.kind === "keys" ? [request.keys] : []));
  if (keyLists.length > 0) {
    const together = await attempt({ kind: "keys", keys: [...new Set(keyLists.flat())] });
    if (!together.stopped || keyLists.length === 1) results.push(together);
    // One change that cannot be rendered must not keep the others that came meanwhile from being applied.
    else for (const keys of keyLists) results.push(await attempt({ kind: "keys", keys }));
  }
  // After the keys, because all mode does not tell systemd of the unit files it writes.
  if (toDo.some(({ request }) => request.kind === "all")) results.push(await attempt({ kind: "all" }));
  return results;
}

/** Does work and leaves the report of its runs, also if it throws. */
async function reporting<T>(host: ApplyHost, work: (runs: ReportedRun[]) => Promise<T>): Promise<T> {
  const runs: ReportedRun[] = [];
  try {
    return await work(runs);
  } finally {
    await writeApplyReport(host.runtimeDirectory, runs).catch((error: unknown) =>
      host.log.warn(`the report of this run cannot be written: ${failureText(error)}`),
    );
  }
}

async function applyAndTime(
  host: ApplyHost,
  request: ApplyRequest,
  runs: ReportedRun[],
): Promise<ApplyResult> {
  const startedAtMs = Date.now();
  const startMs = performance.now();
  const add = (outcome: ApplyResult | { thrown: unknown }) => {
    const durationMs = Math.round(performance.now() - startMs);
    runs.push(reportedRun(request, { startedAtMs, durationMs }, outcome));
  };
  try {
    const result = await applyRequest(host, request);
    add(result);
    return result;
  } catch (thrown) {
    add({ thrown });
    throw thrown;
  }
}
