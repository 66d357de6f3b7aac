/**
 * What the programs with options have in common (specification "api" 1): reading the command line, telling how it is
 * used, the log, and how a failure ends. A program's usage and what is accepted come from the same declaration.
 */
import { callApi, lastValue, scanArguments } from "../api/index.ts";
import { Failure, failureText } from "../linux/failure.ts";
import { type Log, log, logLevels, parseLogLevel } from "../linux/log.ts";

export interface ProgramShape {
  readonly name: string;
  /** One or two sentences for people. */
  readonly about: string;
  /** Words of which exactly one has to be given, and what each means; none are taken when absent. */
  readonly commands?: Readonly<Record<string, string>>;
  readonly options: readonly OptionShape[];
}

export interface OptionShape {
  readonly name: `--${string}`;
  /** What the value stands for, such as `PATH`; a flag without a value when absent. */
  readonly value?: string;
  readonly about: string;
}

/** What a command line says. */
export interface Given {
  /** Empty for a program without commands. */
  readonly command: string;
  has(flag: string): boolean;
  value(option: string): string | undefined;
  /** Says what is wrong with a value, and how the program is used. @returns the exit code */
  wrong(problem: string): number;
}

/** The API's socket, for every program that asks the API. */
export const socketOption: OptionShape = {
  name: "--socket-path",
  value: "PATH",
  about: "the API's socket (default /run/api.sock)",
};

/** The API that `socketOption` names. */
export function apiOf(given: Given) {
  const socketPath = given.value(socketOption.name) ?? "/run/api.sock";
  const call = (method: string, uri: string, body?: string) => callApi(socketPath, method, uri, body);
  return { socketPath, call };
}

const WRONG_USAGE = 2;
const COMMON: readonly OptionShape[] = [
  { name: "--log-level", value: "LEVEL", about: `${logLevels.join(", ")} (default info)` },
  { name: "--help", about: "this text" },
];

/**
 * Reads the command line and does the work.
 *
 * @returns the work's exit code; 0 for --help; 1 when the work throws, which is logged; 2 for a wrong command line
 */
export async function runProgram(
  shape: ProgramShape,
  args: readonly string[],
  work: (given: Given, say: Log) => Promise<number>,
): Promise<number> {
  const wrong = (problem: string): number => {
    process.stderr.write(`${shape.name}: ${problem}\n\n${usageOf(shape)}`);
    return WRONG_USAGE;
  };
  const rules = [...shape.options, ...COMMON].map(({ name, value }) => {
    const names: [string, ...string[]] = name === "--help" ? [name, "-h"] : [name];
    return { names, takesValue: value !== undefined };
  });
  const scanned = scanArguments(args, rules);
  if ("problem" in scanned) return wrong(scanned.problem);
  if (scanned.options.has("--help")) {
    process.stdout.write(usageOf(shape));
    return 0;
  }
  const commands = Object.keys(shape.commands ?? {});
  const unknown = scanned.words.find((word) => !commands.includes(word));
  if (unknown !== undefined) return wrong(`unknown argument ${JSON.stringify(unknown)}`);
  const command = scanned.words.at(-1); // the last one named counts
  if (command === undefined && commands.length > 0) return wrong("a command is missing");
  const word = lastValue(scanned, "--log-level") ?? "info";
  const level = parseLogLevel(word);
  if (level === undefined) {
    return wrong(`--log-level is ${JSON.stringify(word)}; accepted: ${logLevels.join(", ")}`);
  }

  const say = log(shape.name, level);
  const given: Given = {
    command: command ?? "",
    has: (flag) => scanned.options.has(flag),
    value: (option) => lastValue(scanned, option),
    wrong,
  };
  try {
    return await work(given, say);
  } catch (error) {
    say.error(failureText(error) + (error instanceof Failure ? `. ${error.hint}` : ""));
    return 1;
  }
}

function usageOf({ name, about, commands = {}, options }: ProgramShape): string {
  const rows = [
    ...Object.entries(commands),
    ...[...options, ...COMMON].map((option): [string, string] => [
      option.value === undefined ? option.name : `${option.name} ${option.value}`,
      option.about,
    ]),
  ];
  const width = Math.max(...rows.map(([left]) => left.length)) + 4;
  const words = Object.keys(commands).join("|");
  const lines = rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`);
  return `${about}\n\nUsage: ${[name, words, "[OPTIONS]"].filter(Boolean).join(" ")}\n\n${lines.join("\n")}\n`;
}
