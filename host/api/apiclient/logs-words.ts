/** The command line of `apiclient logs`; what the values mean is for the server to say. */
import { lastValue, type OptionRule, type Scanned } from "../arguments.ts";

export const logsOptions: readonly OptionRule[] = [
  { names: ["--follow", "-f"], takesValue: false },
  { names: ["--since"], takesValue: true },
  { names: ["--lines", "-n"], takesValue: true },
];

/** @returns the URI to ask, or one sentence about what is wrong with the words */
export function logsUri(scanned: Scanned): { readonly uri: string } | string {
  const [unit, more] = scanned.words;
  if (unit === undefined) return "logs needs the NAME of a unit or container; apiclient status has them all";
  if (more !== undefined)
    return `logs shows one log, but got ${JSON.stringify(unit)} and ${JSON.stringify(more)}`;
  const query = new URLSearchParams({ unit });
  if (scanned.options.has("--follow")) query.set("follow", "true");
  for (const name of ["since", "lines"]) {
    const value = lastValue(scanned, `--${name}`);
    if (value !== undefined) query.set(name, value);
  }
  return { uri: `/logs?${query}` };
}
