/** The command line of `apiclient update` (specification "updates" 10). */
import type { OptionRule, Scanned } from "../arguments.ts";
import { type Output, outputOptions, readOutput } from "./output-option.ts";

/** What to do about updates. */
export type Update =
  | { readonly kind: "update-check" | "update-cancel" }
  | { readonly kind: "update-status"; readonly output: Output }
  | ({ readonly kind: "update-apply" } & ApplyOptions);

export interface ApplyOptions {
  /** Look for updates first. */
  readonly check: boolean;
  readonly reboot: boolean;
  /** Take a version that did not come up well before. */
  readonly retry: boolean;
}

export const updateOptions: readonly OptionRule[] = [
  { names: ["--check", "-c"], takesValue: false },
  { names: ["--reboot", "-r"], takesValue: false },
  { names: ["--retry"], takesValue: false },
  ...outputOptions,
];

/** The second words, each with the options that go with it. */
export const updateWords = {
  check: [],
  apply: ["--check", "--reboot", "--retry"],
  cancel: [],
  status: ["--output"],
} satisfies Readonly<Record<string, readonly string[]>>;

type Word = keyof typeof updateWords;

/** @returns what is asked for, or one sentence about what is wrong */
export function readUpdate(scanned: Scanned): Update | string {
  const [given, more] = scanned.words;
  const words = Object.keys(updateWords) as Word[];
  const word = words.find((one) => one === given);
  if (word === undefined) {
    const what = given === undefined ? "" : `, and not ${JSON.stringify(given)}`;
    return `update needs one of the words ${words.join(", ")}${what}`;
  }
  if (more !== undefined) return `update ${word} takes no argument, but got ${JSON.stringify(more)}`;
  const accepted: readonly string[] = updateWords[word];
  const own = updateOptions.map(({ names }) => names[0]).filter((name) => scanned.options.has(name));
  const wrong = own.find((name) => !accepted.includes(name));
  if (wrong !== undefined) return `update ${word} has no option ${wrong}`;
  if (word === "check" || word === "cancel") return { kind: `update-${word}` };
  if (word === "status") {
    const output = readOutput(scanned);
    return typeof output === "string" ? output : { kind: "update-status", output: output.kind };
  }
  const has = (name: string) => scanned.options.has(name);
  return { kind: "update-apply", check: has("--check"), reboot: has("--reboot"), retry: has("--retry") };
}
