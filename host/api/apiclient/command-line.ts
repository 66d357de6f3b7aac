/** The command line of apiclient → what is to be done (api.md 8). */
import { type LogLevel, logLevels, parseLogLevel } from "../../linux/log.ts";
import type { Key } from "../../settings/index.ts";
import { lastValue, type OptionRule, type Scanned, scanArguments } from "../arguments.ts";
import { changeOptions, type Manner, readManner } from "./change-options.ts";
import { type Shell, shells } from "./completion-scripts.ts";
import type { Exec } from "./exec/exec.ts";
import { endOptionsAtCommand, execOptions, readExec } from "./exec/exec-words.ts";
import { logsOptions, logsUri } from "./logs-words.ts";
import { type Output, outputOptions, readOutput } from "./output-option.ts";
import { type Setting, settingWord } from "./set-words.ts";
import { keysToUnset } from "./unset-words.ts";
import { readUpdate, type Update, updateOptions } from "./update-words.ts";

/** What to do, fully checked as far as the command line alone can tell. */
export type Command =
  | { readonly kind: "raw"; readonly method: string; readonly uri: string; readonly data: string }
  | { readonly kind: "get-uri"; readonly uri: string }
  | { readonly kind: "get"; readonly prefixes: readonly string[] }
  | { readonly kind: "set"; readonly settings: readonly Setting[]; readonly manner: Manner }
  | { readonly kind: "set-json"; readonly json: string; readonly manner: Manner }
  | { readonly kind: "unset"; readonly keys: readonly Key[]; readonly manner: Manner }
  | { readonly kind: "apply"; readonly sources: readonly string[]; readonly manner: Manner }
  | Exec
  | { readonly kind: "confirm" | "revert" }
  | { readonly kind: "logs"; readonly uri: string }
  | { readonly kind: "status" | "doctor"; readonly output: Output }
  | { readonly kind: "completion"; readonly shell: Shell }
  | Update
  | { readonly kind: "reboot" };

/** Options that every subcommand has. */
export interface GlobalOptions {
  readonly socketPath: string;
  readonly logLevel: LogLevel;
}

/** The subcommands that there are. */
export const subcommands = [
  "raw",
  "get",
  "set",
  "unset",
  "apply",
  "confirm",
  "revert",
  "exec",
  "status",
  "logs",
  "doctor",
  "update",
  "reboot",
  "completion",
] as const;
export type Subcommand = (typeof subcommands)[number];

/** The result of reading a command line. */
export type CommandLine =
  | { readonly kind: "run"; readonly command: Command; readonly options: GlobalOptions }
  | { readonly kind: "help"; readonly about: Subcommand | undefined }
  | { readonly kind: "wrong"; readonly problem: string; readonly about: Subcommand | undefined };

export const globalRules: readonly OptionRule[] = [
  { names: ["--socket-path", "-s"], takesValue: true },
  { names: ["--log-level"], takesValue: true },
  { names: ["--verbose", "-v"], takesValue: false },
  { names: ["--help", "-h"], takesValue: false },
];

export const ownRules: Readonly<Record<Subcommand, readonly OptionRule[]>> = {
  raw: [
    { names: ["--uri", "-u"], takesValue: true },
    { names: ["--method", "-m", "-X"], takesValue: true },
    { names: ["--data", "-d"], takesValue: true },
  ],
  get: [],
  set: [{ names: ["--json", "-j"], takesValue: true }, ...changeOptions],
  unset: changeOptions,
  apply: changeOptions,
  confirm: [],
  revert: [],
  status: outputOptions,
  logs: logsOptions,
  doctor: outputOptions,
  exec: execOptions,
  update: updateOptions,
  reboot: [],
  completion: [],
};

/** Reads the command line; global options may stand before or after the subcommand. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { subcommand, rest } = splitAtSubcommand(args);
  if (subcommand === undefined) return unknownSubcommand(rest[0] ?? "");
  const about = subcommand.named ? subcommand.name : undefined;
  const rules = [...globalRules, ...ownRules[subcommand.name]];
  const scanned = scanArguments(subcommand.name === "exec" ? endOptionsAtCommand(rest, rules) : rest, rules);
  if ("problem" in scanned) return { kind: "wrong", problem: scanned.problem, about };
  if (scanned.options.has("--help")) return { kind: "help", about };

  const options = globalOptions(scanned);
  if (typeof options === "string") return { kind: "wrong", problem: options, about };
  const command = readers[subcommand.name](scanned);
  return typeof command === "string"
    ? { kind: "wrong", problem: command, about }
    : { kind: "run", command, options };
}

/** Finds the first word; options before it are kept in `rest`. Without a subcommand the line means `raw`. */
function splitAtSubcommand(args: readonly string[]): {
  subcommand: { name: Subcommand; named: boolean } | undefined;
  rest: readonly string[];
} {
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    if (!arg.startsWith("-")) {
      const name = subcommands.find((one) => one === arg);
      if (name === undefined) return { subcommand: undefined, rest: [arg] };
      return { subcommand: { name, named: true }, rest: args.toSpliced(at, 1) };
    }
    const rule = globalRules.find(({ names }) => names.includes(arg.split("=", 1)[0] ?? ""));
    if (rule === undefined) break;
    if (rule.takesValue && !arg.includes("=")) at += 1;
  }
  return { subcommand: { name: "raw", named: false }, rest: args };
}

function shown(kind: "status" | "doctor", scanned: Scanned): Command | string {
  const [word] = scanned.words;
  if (word !== undefined) return `${kind} takes no argument, but got ${JSON.stringify(word)}`;
  const output = readOutput(scanned);
  return typeof output === "string" ? output : { kind, output: output.kind };
}

function unknownSubcommand(word: string): CommandLine {
  return {
    kind: "wrong",
    problem: `unknown subcommand ${JSON.stringify(word)}; there are: ${subcommands.join(", ")}`,
    about: undefined,
  };
}

function globalOptions(scanned: Scanned): GlobalOptions | string {
  const word = lastValue(scanned, "--log-level");
  const level = word === undefined ? "info" : parseLogLevel(word);
  if (level === undefined) return `--log-level is ${JSON.stringify(word)}; accepted: ${logLevels.join(", ")}`;
  return {
    socketPath: lastValue(scanned, "--socket-path") ?? "/run/api.sock",
    logLevel: scanned.options.has("--verbose") ? "debug" : level,
  };
}

/** Of a subcommand that is its own whole command line. */
function withoutWords(kind: "confirm" | "revert" | "reboot", words: readonly string[]): Command | string {
  return words.length === 0 ? { kind } : `${kind} takes no argument, but got ${JSON.stringify(words[0])}`;
}

/** One reader a subcommand: the command, or one sentence about what is wrong with the words. */
const readers: Readonly<Record<Subcommand, (scanned: Scanned) => Command | string>> = {
  raw(scanned) {
    const [word] = scanned.words;
    if (word !== undefined) return `raw takes no word ${JSON.stringify(word)}; the URI is given with --uri`;
    const uri = lastValue(scanned, "--uri");
    if (uri === undefined) return "raw needs --uri URI";
    const method = (lastValue(scanned, "--method") ?? "GET").toUpperCase();
    const data = lastValue(scanned, "--data") ?? "";
    if (!/^[A-Z]+$/.test(method))
      return `--method is ${JSON.stringify(method)}; accepted: an HTTP method such as PATCH`;
    // api.md 8.2 gives every method a body. No GET of the API looks at one, and the runtime refuses to send it.
    return { kind: "raw", method, uri, data: /^(GET|HEAD)$/.test(method) ? "" : data };
  },
  get({ words }) {
    const option = words.find((word) => word.startsWith("-"));
    if (option !== undefined)
      return `get takes no argument that begins with -, but got ${JSON.stringify(option)}`;
    const uri = words.find((word) => word.startsWith("/"));
    if (uri === undefined)
      return { kind: "get", prefixes: words.length === 0 ? ["os.", "settings."] : words };
    if (words.length > 1) return "get takes one URI alone, or any number of prefixes, but not both";
    return { kind: "get-uri", uri };
  },
  set(scanned) {
    const manner = readManner(scanned);
    if (typeof manner === "string") return manner;
    const jsons = scanned.options.get("--json") ?? [];
    const [json] = jsons;
    if (jsons.length > 1) return "--json is given more than once; put all settings into one object";
    if (json !== undefined && scanned.words.length > 0)
      return "set takes either KEY=VALUE words or --json, not both";
    if (json !== undefined) return { kind: "set-json", json, manner };
    if (scanned.words.length === 0) return "set needs KEY=VALUE words, or --json JSON";
    const settings: Setting[] = [];
    for (const word of scanned.words) {
      const setting = settingWord(word);
      if (typeof setting === "string") return setting;
      settings.push(setting);
    }
    return { kind: "set", settings, manner };
  },
  unset(scanned) {
    const manner = readManner(scanned);
    if (typeof manner === "string") return manner;
    const keys = keysToUnset(scanned.words);
    return typeof keys === "string" ? keys : { kind: "unset", keys, manner };
  },
  apply(scanned) {
    const manner = readManner(scanned);
    if (typeof manner === "string") return manner;
    return { kind: "apply", sources: scanned.words.length === 0 ? ["-"] : scanned.words, manner };
  },
  confirm: ({ words }) => withoutWords("confirm", words),
  revert: ({ words }) => withoutWords("revert", words),
  exec: readExec,
  update: readUpdate,
  reboot: ({ words }) => withoutWords("reboot", words),
  status: (scanned) => shown("status", scanned),
  logs(scanned) {
    const logs = logsUri(scanned);
    return typeof logs === "string" ? logs : { kind: "logs", ...logs };
  },
  doctor: (scanned) => shown("doctor", scanned),
  completion({ words }) {
    const shell = shells.find((name) => name === words[0]);
    return shell === undefined || words.length > 1
      ? `completion needs the name of a shell: one of ${shells.join(", ")}`
      : { kind: "completion", shell };
  },
};
