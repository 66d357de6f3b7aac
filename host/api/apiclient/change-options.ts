/** How a change is made and what is shown of it: the options that set, unset and apply have in common. */
import { lastValue, type OptionRule, type Scanned } from "../arguments.ts";
import { type Output, outputOptions, readOutput } from "./output-option.ts";
import { defaultTrialTime, trialSeconds } from "./trial-time.ts";

export type Manner =
  | {
      readonly kind: "change";
      /** Whether to wait until the change is applied, and show how it went; as the terminal says if that is not said. */
      readonly wait: boolean | undefined;
      /** How long the change is on trial; `undefined` if it is not. */
      readonly trySeconds: number | undefined;
    }
  | { readonly kind: "dry-run"; readonly output: Output };

export const changeOptions: readonly OptionRule[] = [
  { names: ["--wait"], takesValue: false },
  { names: ["--no-wait"], takesValue: false },
  { names: ["--try"], takesValue: false },
  { names: ["--timeout"], takesValue: true },
  { names: ["--dry-run"], takesValue: false },
  ...outputOptions,
];

/** @returns the manner, or one sentence about what is wrong with the options */
export function readManner(scanned: Scanned): Manner | string {
  const has = (name: string) => scanned.options.has(name);
  const output = readOutput(scanned);
  if (typeof output === "string") return output;
  if (has("--wait") && has("--no-wait")) return "--wait and --no-wait exclude each other";
  const trySeconds = readTrial(scanned);
  if (typeof trySeconds === "string") return trySeconds;
  if (has("--dry-run")) {
    const without = ["--wait", "--no-wait", "--try"].find(has);
    if (without !== undefined) return `--dry-run changes nothing: leave ${without} out`;
    return { kind: "dry-run", output: output.kind };
  }
  if (has("--output")) return "--output is for what --dry-run shows; add --dry-run, or leave it out";
  const wait = has("--wait") ? true : has("--no-wait") ? false : undefined;
  return { kind: "change", wait, trySeconds };
}

/** @returns how long the change is on trial; undefined if it is not; one sentence if the options are wrong */
function readTrial(scanned: Scanned): number | undefined | string {
  const timeout = lastValue(scanned, "--timeout");
  if (scanned.options.has("--try")) return trialSeconds(timeout ?? defaultTrialTime);
  return timeout === undefined ? undefined : "--timeout is the time of a trial; give --try too";
}
