/** `--output`: for people or for programs. */
import { lastValue, type OptionRule, type Scanned } from "../arguments.ts";

export type Output = "text" | "json";

export const outputOptions: readonly OptionRule[] = [{ names: ["--output"], takesValue: true }];

/** @returns what is asked for, or one sentence about what is wrong */
export function readOutput(scanned: Scanned): { readonly kind: Output } | string {
  const kind = lastValue(scanned, "--output") ?? "text";
  if (kind === "text" || kind === "json") return { kind };
  return `--output is ${JSON.stringify(kind)}; accepted: text, json`;
}
