/** What may stand next on a command line of apiclient. Decides only; the model and the host's names are given. */
import { logLevels } from "../../linux/log.ts";
import type { Group } from "../../settings/index.ts";
import type { OptionRule } from "../arguments.ts";
import type { Os } from "../os-release.ts";
import { globalRules, ownRules, subcommands } from "./command-line.ts";
import { type KeyUse, keyCandidates, type NamesAt, valueCandidates } from "./completion-keys.ts";
import { shells } from "./completion-scripts.ts";
import { updateWords } from "./update-words.ts";

/** What a completion may ask for, each only when it is needed. */
export interface Known {
  /** The inside of `settings`; undefined if this program does not know its variant. */
  settings(): Promise<Group | undefined>;
  /** Names that users have chosen, as they are set now. */
  readonly namesAt: NamesAt;
}

/** Words that may stand in place of the last one, or "files": any name of a file. */
export type Completion = readonly string[] | "files";

/**
 * Completes a command line.
 *
 * @param words  behind the program's name, without the shell's quotes; the last one is being typed and may be empty
 * @returns words that begin with the last one; a word that ends in "=" or "." goes on
 */
export async function completeWords(words: readonly string[], known: Known): Promise<Completion> {
  const typed = words.at(-1) ?? "";
  const line = readTyped(words.slice(0, -1));
  if (line.awaiting !== undefined) {
    const values = optionValues(line.awaiting);
    return values === "files" ? values : beginning(values, typed);
  }
  // Behind the target comes a command of the container, whose words nobody here knows.
  if (line.named === "exec" && line.operands > 0) return [];
  if (!line.onlyWords && typed.startsWith("-")) return optionCandidates(line.rules, typed);
  return line.named === undefined
    ? beginning(subcommands, typed)
    : operandCandidates(line.named, typed, known);
}

interface TypedLine {
  /** The first word that is no option, whether there is such a subcommand or not. */
  readonly named: string | undefined;
  readonly rules: readonly OptionRule[];
  /** How many words stand behind it that are no options. */
  readonly operands: number;
  /** The option whose value comes next. */
  readonly awaiting: OptionRule | undefined;
  /** After "--" nothing is an option. */
  readonly onlyWords: boolean;
}

/** What the words in front of the last one say. */
function readTyped(words: readonly string[]): TypedLine {
  let named: string | undefined;
  let awaiting: OptionRule | undefined;
  let onlyWords = false;
  let operands = 0;
  // A line without a subcommand means `raw`.
  const rules = () => {
    const subcommand = named === undefined ? "raw" : subcommands.find((name) => name === named);
    return [...globalRules, ...(subcommand === undefined ? [] : ownRules[subcommand])];
  };
  for (const word of words) {
    if (awaiting !== undefined) awaiting = undefined;
    else if (onlyWords || !word.startsWith("-")) {
      if (named === undefined) named = word;
      else operands += 1;
    } else if (word === "--") onlyWords = true;
    else awaiting = rules().find((rule) => rule.takesValue && rule.names.includes(word));
  }
  return { named, operands, rules: rules(), awaiting, onlyWords };
}

function optionCandidates(rules: readonly OptionRule[], typed: string): Completion {
  const [, name, value] = /^(--[^=]+)=(.*)$/s.exec(typed) ?? [];
  if (name === undefined || value === undefined) {
    const names = rules.flatMap((rule) => rule.names);
    return beginning(typed === "-" ? names.filter((one) => one.startsWith("--")) : names, typed);
  }
  const rule = rules.find((one) => one.takesValue && one.names.includes(name));
  const values = rule === undefined ? [] : optionValues(rule);
  return values === "files" ? [] : beginning(values, value).map((one) => `${name}=${one}`);
}

/** The values of options that have few; the others are for people alone to know. */
function optionValues({ names }: OptionRule): Completion {
  const values: Readonly<Record<string, Completion>> = {
    "--log-level": logLevels,
    "--method": ["GET", "PATCH", "POST", "PUT", "DELETE"],
    "--output": ["text", "json"],
    "--socket-path": "files",
  };
  return values[names[0]] ?? [];
}

const keyUses: Readonly<Record<string, KeyUse>> = { get: "prefix", set: "assignment", unset: "key" };

async function operandCandidates(subcommand: string, typed: string, known: Known): Promise<Completion> {
  if (subcommand === "apply") return "files";
  if (subcommand === "update") return beginning(Object.keys(updateWords), typed);
  if (subcommand === "completion") return beginning(shells, typed);
  if (subcommand === "logs" || subcommand === "exec") return beginning(await containerNames(known), typed);
  const use = keyUses[subcommand];
  const settings = use === undefined ? undefined : await known.settings();
  if (use === undefined || settings === undefined) return [];
  const equals = use === "assignment" ? typed.indexOf("=") : -1;
  if (equals !== -1) {
    const key = typed.slice(0, equals);
    return valueCandidates(key, typed.slice(equals + 1), settings).map((value) => `${key}=${value}`);
  }
  const keys = await keyCandidates(typed, settings, use, known.namesAt);
  return use === "prefix" ? [...keys, ...osCandidates(typed)] : keys;
}

async function containerNames({ namesAt }: Known): Promise<readonly string[]> {
  const [host, bootstrap] = [await namesAt(["host-containers"]), await namesAt(["bootstrap-containers"])];
  return [...new Set([...host, ...bootstrap])];
}

const osNames: readonly (keyof Os)[] = ["arch", "build_id", "pretty_name", "variant_id", "version_id"];

function osCandidates(typed: string): readonly string[] {
  return typed.startsWith("os.")
    ? beginning(
        osNames.map((name) => `os.${name}`),
        typed,
      )
    : beginning(["os."], typed);
}

function beginning(words: readonly string[], typed: string): readonly string[] {
  return words.filter((word) => word.startsWith(typed));
}
