/** How a change is made and what is shown of it: the options that set, unset and apply have in common. */
import { lastValue, type OptionRule, type Scanned } from "../arguments.ts";

export type Manner =
  | {
      readonly kind: "change";
      /** Whether to wait until the change is applied, and show how it went; as the terminal says if that is not said. */
      readonly wait: boolean | undefined;
    }
  | { readonly kind: "dry-run"; readonly output: "text" | "json" };

export const changeOptions: readonly OptionRule[] = [
  { names: ["--wait"], takesValue: false },
  { names: ["--no-wait"], takesValue: false },
  { names: ["--dry-run"], takesValue: false },
  { names: ["--output"], takesValue: true },
];

/** @returns the manner, or one sentence about what is wrong with the options */
export function readManner(scanned: Scanned): Manner | string {
  const has = (name: string) => scanned.options.has(name);
  const output = lastValue(scanned, "--output") ?? "text";
  if (output !== "text" && output !== "json")
    return `--output is ${JSON.stringify(output)}; accepted: text, json`;
  if (has("--wait") && has("--no-wait")) return "--wait and --no-wait exclude each other";
  if (has("--dry-run")) {
    if (has("--wait") || has("--no-wait"))
      return "--dry-run changes nothing, so there is nothing to wait for: leave --wait and --no-wait out";
    return { kind: "dry-run", output };
  }
  if (has("--output")) return "--output is for what --dry-run shows; add --dry-run, or leave it out";
  return { kind: "change", wait: has("--wait") ? true : has("--no-wait") ? false : undefined };
}
