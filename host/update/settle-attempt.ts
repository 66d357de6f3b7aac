/** Draws the conclusion from what became of an update. Acts. */
import { type AttemptOutcome, attemptOutcome } from "./attempt-outcome.ts";
import {
  type Attempt,
  forgetAttempt,
  forgetRefusal,
  readAttempt,
  readFailedTrial,
  refuseVersion,
} from "./attempts.ts";
import { type HostPlace, readHostSets } from "./host-sets.ts";

export type Settled =
  | { readonly kind: "none" }
  | { readonly kind: AttemptOutcome["kind"]; readonly attempt: Attempt; readonly text: string };

/**
 * Refuses the version that failed, forgets the attempt that is over, and takes a version again that came up well. To be
 * called when a boot has begun, and once it is marked good; calling it more often changes nothing.
 *
 * @param running  the version that runs
 * @returns what is to be told, as a sentence
 * @throws Failure or the error of the step that failed; what was done until then holds, and is done again the next time
 */
export async function settleAttempt(
  place: HostPlace,
  running: string,
  now: Date = new Date(),
): Promise<Settled> {
  const { root } = place;
  const host = await readHostSets(place);
  const attempt = await readAttempt(root);
  if (attempt === undefined) return { kind: "none" };
  const outcome = attemptOutcome(host, attempt, running, await readFailedTrial(root));
  const { version, from } = attempt;
  switch (outcome.kind) {
    case "waiting":
      return { kind: outcome.kind, attempt, text: `The next start tries the update to ${version}` };
    case "on-trial":
      return { kind: outcome.kind, attempt, text: `The update to ${version} is on trial` };
    case "succeeded":
      // A refusal from before somebody asked for it again. The attempt last: a power cut leaves both to be done again.
      await forgetRefusal(root, version);
      await forgetAttempt(root);
      return { kind: outcome.kind, attempt, text: `The update from ${from} to ${version} succeeded` };
    case "withdrawn":
      await forgetAttempt(root);
      return { kind: outcome.kind, attempt, text: `The update to ${version} was taken back` };
    case "failed":
      // First the refusal: a power cut between the two must not forget the failure.
      await refuseVersion(root, version, { reason: outcome.reason, time: now.toISOString() });
      await forgetAttempt(root);
      return { kind: outcome.kind, attempt, text: failedUpdateText(version, running, outcome.reason) };
  }
}

function failedUpdateText(version: string, running: string, reason: string): string {
  return `The update to ${version} failed, and ${running} runs again: ${reason}. It is not taken again by itself; apiclient update apply --retry takes it`;
}
