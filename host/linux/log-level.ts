/** The levels of log lines, from silent to talkative (specification "api" 1). */
export const logLevels = ["off", "error", "warn", "info", "debug", "trace"] as const;
export type LogLevel = (typeof logLevels)[number];

/** The level of a `--log-level` word in any case, or undefined if it is none. */
export function parseLogLevel(word: string): LogLevel | undefined {
  return logLevels.find((level) => level === word.toLowerCase());
}
