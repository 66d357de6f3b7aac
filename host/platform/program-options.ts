/** The options that the programs of the boot have in common (specification "api" 1). */

import { lastValue, scanArguments } from "../api/index.ts";
import { type LogLevel, logLevels, parseLogLevel } from "../linux/log.ts";

export interface ProgramOptions {
  readonly socketPath: string;
  readonly logLevel: LogLevel;
  /** The flags that were given, by name. */
  readonly flags: ReadonlySet<string>;
  /** The values of the program's own options, by name. */
  readonly values: ReadonlyMap<string, string>;
}

/**
 * Reads `--socket-path`, `--log-level` and what the program has besides.
 *
 * @param own  names of flags without a value, and of options with one
 * @returns the options, or one sentence about the first thing wrong: then usage goes to stderr, exit code 2
 */
export function readOptions(
  args: readonly string[],
  own: { readonly flags?: readonly string[]; readonly values?: readonly string[] } = {},
): ProgramOptions | { readonly problem: string } {
  const { flags = [], values = [] } = own;
  const scanned = scanArguments(args, [
    ...["--socket-path", "--log-level", ...values].map((name) => ({
      names: [name] as const,
      takesValue: true,
    })),
    ...flags.map((name) => ({ names: [name] as const, takesValue: false })),
  ]);
  if ("problem" in scanned) return scanned;
  const [word] = scanned.words;
  if (word !== undefined) return { problem: `unknown argument ${JSON.stringify(word)}` };
  const level = lastValue(scanned, "--log-level") ?? "info";
  const logLevel = parseLogLevel(level);
  if (logLevel === undefined) {
    return { problem: `--log-level is ${JSON.stringify(level)}; accepted: ${logLevels.join(", ")}` };
  }
  return {
    socketPath: lastValue(scanned, "--socket-path") ?? "/run/api.sock",
    logLevel,
    flags: new Set(flags.filter((name) => scanned.options.has(name))),
    values: new Map(
      values.flatMap((name) => {
        const value = lastValue(scanned, name);
        return value === undefined ? [] : [[name, value] as const];
      }),
    ),
  };
}

/** Prints what is wrong with a command line and how it should be. @returns the exit code */
export function wrongUsage(program: string, problem: string, usage: string): number {
  process.stderr.write(`${program}: ${problem}\n\n${usage}`);
  return 2;
}
