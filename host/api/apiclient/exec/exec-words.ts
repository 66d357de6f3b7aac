/** The words of `apiclient exec`: options end where the command begins, whose options are its own (api.md 8.1, 8.8). */
import type { OptionRule, Scanned } from "../../arguments.ts";
import type { Exec } from "./exec.ts";

export const execOptions: readonly OptionRule[] = [
  { names: ["--tty", "-t"], takesValue: false },
  { names: ["--no-tty", "-T"], takesValue: false },
];

/**
 * Puts `--` where options end: before the first word of the command, which is the second word of the line.
 *
 * @param rules  all options that may come before
 */
export function endOptionsAtCommand(
  args: readonly string[],
  rules: readonly OptionRule[],
): readonly string[] {
  let target: number | undefined;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    if (arg === "--") return args;
    if (!arg.startsWith("-") || arg === "-") {
      if (target !== undefined) return args.toSpliced(at, 0, "--");
      target = at;
    } else if (rules.some(({ names, takesValue }) => takesValue && names.includes(arg))) at += 1;
  }
  return args;
}

/** @returns what is to be run, or one sentence about what is wrong with the words */
export function readExec({ options, words }: Scanned): Exec | string {
  const [target, ...command] = words;
  if (target === undefined) return "exec needs TARGET, the name of a host container, and COMMAND";
  if (command.length === 0) return `exec needs COMMAND, what to run in ${JSON.stringify(target)}`;
  if (options.has("--tty") && options.has("--no-tty")) return "--tty and --no-tty exclude each other";
  const tty = options.has("--tty") ? true : options.has("--no-tty") ? false : undefined;
  return { kind: "exec", target, command, tty };
}
