/**
 * Log lines of the on-host programs: `HH:MM:SS [LEVEL] message`, UTC (specification "api" 1).
 */
import { fstatSync } from "node:fs";
import { type LogLevel, logLevels } from "./log-level.ts";

export { type LogLevel, logLevels, parseLogLevel } from "./log-level.ts";

export interface Log {
  error(message: string): void;
  warn(message: string): void;
  info(message: string): void;
  debug(message: string): void;
  trace(message: string): void;
}

/** Where finished lines go; the default is this process's own streams. */
export interface LogOutput {
  toStdout(line: string): void;
  toStderr(line: string): void;
  now(): Date;
  /** Whether stderr is the journal's: it takes a line's level from a prefix, and shows errors on the console. */
  readonly stderrIsJournal?: boolean;
}

const ownStreams: LogOutput = {
  toStdout: (line) => void process.stdout.write(line),
  toStderr: (line) => void process.stderr.write(line),
  now: () => new Date(),
  get stderrIsJournal() {
    return stderrIsJournal();
  },
};

/** Whether stderr of this process is the journal's. */
function stderrIsJournal(): boolean {
  const journal = process.env.JOURNAL_STREAM;
  if (journal === undefined) return false;
  // Inherited by children too, whose stderr may be a pipe: only the descriptor itself tells (systemd.exec(5)).
  const { dev, ino } = fstatSync(2);
  return journal === `${dev}:${ino}`;
}

const ERROR_PREFIX = "<3>"; // sd-daemon(3)

/** What lines on stderr begin with that are errors: the journal shows them on the console then. */
export function errorPrefix(): string {
  return stderrIsJournal() ? ERROR_PREFIX : "";
}

// These print nothing but results on stdout (specification "api" 1, "updates" 7: also what is read as JSON).
const allToStderr = new Set(["apiclient", "shibaken", "updog"]);

/**
 * The log of one program. Errors go to stderr, all other levels to stdout, except for programs whose
 * stdout is their result.
 *
 * @param program  the name it was started under; shown in the lines of levels debug and trace
 * @param level    the most talkative level that is still printed
 */
export function log(program: string, level: LogLevel = "info", output: LogOutput = ownStreams): Log {
  const limit = logLevels.indexOf(level);
  const line = (of: Exclude<LogLevel, "off">) => (message: string) => {
    if (logLevels.indexOf(of) > limit) return;
    const time = output.now().toISOString().slice(11, 19);
    const where = limit >= logLevels.indexOf("debug") ? ` (${program})` : "";
    const text = `${time} [${of.toUpperCase()}]${where} ${message}\n`;
    if (of === "error" && output.stderrIsJournal) output.toStderr(text.replace(/^(?=.)/gm, ERROR_PREFIX));
    else if (of === "error" || allToStderr.has(program)) output.toStderr(text);
    else output.toStdout(text);
  };
  return {
    error: line("error"),
    warn: line("warn"),
    info: line("info"),
    debug: line("debug"),
    trace: line("trace"),
  };
}
