/**
 * Trials: POST /tx/commit and /tx/commit_and_apply with `try`, GET /tx/trial, POST /tx/confirm and /tx/revert. Not in
 * the reference: there, settings that cut a host off stay until somebody gets to its console.
 */
import type { EndedTrial } from "../store/index.ts";
import type { Decision } from "./decision.ts";
import type { Parameter } from "./parameters.ts";
import { found, type Reply, refused } from "./reply.ts";
import type { ApiRequest } from "./request.ts";
import type { RunningTrial, View } from "./view.ts";

/** The longest trial, a day: whoever has not looked by then has forgotten it. */
export const LONGEST_SECONDS = 86_400;

/** `try`: how many seconds a commit is on trial; absent if it is not. */
export function tryParameter(request: ApiRequest): Parameter<number | undefined> {
  const text = request.query.get("try");
  if (text === undefined) return { value: undefined };
  const seconds = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= LONGEST_SECONDS) return { value: seconds };
  const says = `The parameter try is ${JSON.stringify(text)}; accepted: whole seconds, 1 to ${LONGEST_SECONDS}`;
  return { refusal: refused(400, says) };
}

/** Answers with the trial that runs. */
export function readTrial(view: View): Reply {
  const trial = view.trial();
  if (trial === undefined) return noTrial(view);
  const { keys, seconds, secondsLeft, afterRestart } = trial;
  return found({ keys, seconds, "seconds-left": secondsLeft, "after-restart": afterRestart });
}

/** Keeps what is on trial, or puts it back at once. */
export function endTrial(view: View, end: "confirmed" | "reverted"): Decision {
  return { kind: "end-trial", end, ifNone: () => noTrial(view) };
}

/**
 * The refusal of a commit while a trial runs, or undefined if none does.
 *
 * Also of one that changes other settings, and of a second trial: what was tried and what was changed since may need
 * each other, so that putting one of them back would make a mix that nobody has tried. Whoever changes settings during
 * a trial has to know of it; a sentence now is better than a surprise when the time is up. What is pending stays.
 */
export function refusedDuringTrial(view: View): Reply | undefined {
  const trial = view.trial();
  if (trial === undefined) return undefined;
  return refused(
    409,
    `Nothing was committed, because a trial of ${someKeys(trial.keys)} runs, which is put back in ${trial.secondsLeft} s. Confirm it (apiclient confirm, POST /tx/confirm) or put it back (apiclient revert, POST /tx/revert), then commit again`,
  );
}

function noTrial(view: View): Reply {
  const last = view.lastTrial();
  const before = last === undefined ? "" : `. The last one, of ${someKeys(last.keys)}, ${howItEnded(last)}`;
  return refused(404, `No trial runs${before}`);
}

/** What became of a trial, as the words after its name. */
function howItEnded({ end }: EndedTrial): string {
  switch (end) {
    case "confirmed":
      return "was confirmed";
    case "reverted":
      return "was put back because somebody asked for it";
    case "time-up":
      return "was put back because it was not confirmed in time";
    case "started-twice":
      return "was put back because the host started twice without its being confirmed";
  }
}

/** Keys in a sentence: the first few, and how many more there are. */
export function someKeys(keys: RunningTrial["keys"]): string {
  const shown = keys.slice(0, 5).join(", ");
  return keys.length > 5 ? `${shown} and ${keys.length - 5} more` : shown;
}
