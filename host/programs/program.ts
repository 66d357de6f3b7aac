/**
 * What the programs with options have in common (specification "api" 1, and the conventions of "platform"): reading the
 * command line, telling how it is used, the log, and how a failure ends. A program's usage and what is accepted come
 * from the same declaration.
 */
import { callApi, lastValue, scanArguments } from "../api/index.ts";
import { Failure, failureText } from "../linux/failure.ts";
import { type Log, log, logLevels, parseLogLevel } from "../linux/log.ts";

export interface ProgramShape {
  readonly name: string;
  /** One or two sentences for people. */
  readonly about: string;
  /**
   * Words of which one has to be given, and what each means; none are taken when absent. What has to follow a word
   * stands behind it: `set-hostname NAME`.
   */
  readonly commands?: Readonly<Record<string, string>>;
  /**
   * The reference has two kinds of command lines. `simple`: a wrong one ends with 2, and the last command named
   * counts. `subcommand`: a wrong one ends with 1, and one command, of a program that has some, stands with what
   * follows it; options have short names.
   */
  readonly commandLine?: "simple" | "subcommand";
  readonly options: readonly OptionShape[];
}

export interface OptionShape {
  readonly name: `--${string}`;
  /** Taken only in command lines of kind `subcommand`. */
  readonly short?: `-${string}`;
  /** What the value stands for, such as `PATH`; a flag without a value when absent. */
  readonly value?: string;
  readonly about: string;
}

/** What a command line says. */
export interface Given {
  /** Empty for a program without commands. */
  readonly command: string;
  /** The words behind the command, as many as it has. */
  readonly operands: readonly string[];
  has(flag: string): boolean;
  value(option: string): string | undefined;
  /** Says what is wrong with a value, and how the program is used. @returns the exit code */
  wrong(problem: string): number;
}

/** The API's socket, for every program that asks the API. */
export const socketOption: OptionShape = {
  name: "--socket-path",
  short: "-s",
  value: "PATH",
  about: "the API's socket (default /run/api.sock)",
};

/** The API that `socketOption` names. */
export function apiOf(given: Given) {
  const socketPath = given.value(socketOption.name) ?? "/run/api.sock";
  const call = (method: string, uri: string, body?: string) => callApi(socketPath, method, uri, body);
  return { socketPath, call };
}

const COMMON: readonly OptionShape[] = [
  {
    name: "--log-level",
    short: "-l",
    value: "LEVEL",
    about: `${logLevels.join(", ")} (default info)`,
  },
  { name: "--help", about: "this text" },
];

/**
 * Reads the command line and does the work.
 *
 * @returns the work's exit code; 0 for --help; 1 when the work throws, which is logged; 2 or 1 for a wrong command
 *   line, as its kind says
 */
export async function runProgram(
  shape: ProgramShape,
  args: readonly string[],
  work: (given: Given, say: Log) => Promise<number>,
): Promise<number> {
  const isSimple = shape.commandLine !== "subcommand";
  const wrong = (problem: string): number => {
    process.stderr.write(`${shape.name}: ${problem}\n\n${usageOf(shape)}`);
    return isSimple ? 2 : 1;
  };
  const rules = [...shape.options, ...COMMON].map((option) => {
    const short = option.name === "--help" ? "-h" : shortOf(shape, option);
    const names: [string, ...string[]] = [option.name, ...(short === undefined ? [] : [short])];
    return { names, takesValue: option.value !== undefined };
  });
  const scanned = scanArguments(args, rules);
  if ("problem" in scanned) return wrong(scanned.problem);
  if (scanned.options.has("--help")) {
    process.stdout.write(usageOf(shape));
    return 0;
  }
  const words = isSimple ? lastCommand(shape, scanned.words) : commandWithOperands(shape, scanned.words);
  if ("problem" in words) return wrong(words.problem);
  const word = lastValue(scanned, "--log-level") ?? "info";
  const level = parseLogLevel(word);
  if (level === undefined) {
    return wrong(`--log-level is ${JSON.stringify(word)}; accepted: ${logLevels.join(", ")}`);
  }

  const say = log(shape.name, level);
  const given: Given = {
    ...words,
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

/** A command with work of its own. */
export interface CommandShape {
  readonly about: string;
  run(given: Given, say: Log): Promise<number>;
}

/**
 * The same for a program whose commands each have work of their own.
 *
 * @param commands  by their words, as in `ProgramShape`
 */
export function runCommandOf(
  shape: Omit<ProgramShape, "commands">,
  commands: Readonly<Record<string, CommandShape>>,
  args: readonly string[],
): Promise<number> {
  const all = Object.entries(commands);
  const abouts = Object.fromEntries(all.map(([words, { about }]) => [words, about]));
  const byName = new Map(all.map(([words, command]) => [words.split(" ", 1)[0], command]));
  return runProgram({ ...shape, commands: abouts }, args, async (given, say) => {
    const command = byName.get(given.command);
    return command === undefined ? given.wrong("a command is missing") : command.run(given, say);
  });
}

type Words = Pick<Given, "command" | "operands"> | { readonly problem: string };

function lastCommand({ commands = {} }: ProgramShape, words: readonly string[]): Words {
  const unknown = words.find((word) => !Object.hasOwn(commands, word));
  if (unknown !== undefined) return { problem: `unknown argument ${JSON.stringify(unknown)}` };
  const command = words.at(-1);
  if (command === undefined && Object.keys(commands).length > 0) return { problem: "a command is missing" };
  return { command: command ?? "", operands: [] };
}

function commandWithOperands({ commands }: ProgramShape, words: readonly string[]): Words {
  const [command, ...operands] = words;
  if (commands === undefined) {
    return command === undefined
      ? { command: "", operands }
      : { problem: `unknown argument ${JSON.stringify(command)}` };
  }
  if (command === undefined) return { problem: "a command is missing" };
  const declared = Object.keys(commands)
    .map((key) => key.split(" "))
    .find(([name]) => name === command);
  if (declared === undefined) return { problem: `unknown command ${JSON.stringify(command)}` };
  const expected = declared.slice(1);
  if (operands.length === expected.length) return { command, operands };
  const accepted = expected.join(" ") || "nothing";
  return { problem: `after ${command} found ${operands.length} words; accepted: ${accepted}` };
}

function shortOf(shape: ProgramShape, option: OptionShape): string | undefined {
  return shape.commandLine === "subcommand" ? option.short : undefined;
}

function usageOf(shape: ProgramShape): string {
  const { name, about, commands = {}, options } = shape;
  const isSubcommand = shape.commandLine === "subcommand" && shape.commands !== undefined;
  const optionRows = [...options, ...COMMON].map((option): [string, string] => {
    const names = [shortOf(shape, option), option.name].filter((text) => text !== undefined).join(", ");
    return [option.value === undefined ? names : `${names} ${option.value}`, option.about];
  });
  const rows = [...Object.entries(commands), ...optionRows];
  const width = Math.max(...rows.map(([left]) => left.length)) + 4;
  const all = Object.keys(commands).join("|");
  const words = isSubcommand ? "COMMAND" : all;
  const lines = rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`);
  return `${about}\n\nUsage: ${[name, words, "[OPTIONS]"].filter(Boolean).join(" ")}\n\n${lines.join("\n")}\n`;
}
