/** Command lines in the way the programs of this room take them. */

/** An option: its names, the first being the one it is known by, and whether a value follows. */
export interface OptionRule {
  readonly names: readonly [string, ...string[]];
  readonly takesValue: boolean;
}

/** The options found, by first name, with their values in order (`""` for those without), and all other words. */
export interface Scanned {
  readonly options: ReadonlyMap<string, readonly string[]>;
  readonly words: readonly string[];
}

/**
 * Separates options from words.
 *
 * A value is the next word whatever it looks like (`--data -1`), or stands behind `=` (`--uri=/x`). After `--`
 * everything is a word, and `-` alone is a word.
 *
 * @returns what was found, or one sentence about the first thing wrong
 */
export function scanArguments(
  args: readonly string[],
  rules: readonly OptionRule[],
): Scanned | { readonly problem: string } {
  const options = new Map<string, string[]>();
  const words: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    if (arg === "--") {
      words.push(...args.slice(at + 1));
      break;
    }
    if (!arg.startsWith("-") || arg === "-") {
      words.push(arg);
      continue;
    }
    const equals = arg.startsWith("--") ? arg.indexOf("=") : -1;
    const name = equals === -1 ? arg : arg.slice(0, equals);
    const rule = rules.find(({ names }) => names.includes(name));
    if (rule === undefined) return { problem: `unknown option ${name}` };
    let value = "";
    if (equals !== -1) {
      if (!rule.takesValue) return { problem: `option ${name} takes no value` };
      value = arg.slice(equals + 1);
    } else if (rule.takesValue) {
      at += 1;
      const next = args[at];
      if (next === undefined) return { problem: `option ${name} needs a value` };
      value = next;
    }
    options.set(rule.names[0], [...(options.get(rule.names[0]) ?? []), value]);
  }
  return { options, words };
}

/** The value of an option that may be repeated: the last one counts. */
export const lastValue = (scanned: Scanned, name: string): string | undefined =>
  scanned.options.get(name)?.at(-1);
