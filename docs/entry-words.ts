/** What is said of an entry besides its type, in lines of plain text: for `explain` and for the committed text. */
import type { Default, Effect, Entry, Generator, Said } from "./reference.ts";
import { variantWords } from "./variant-words.ts";

/** The variants that something is said about; undefined where it is about all that have the setting. */
export function variantsSaid(said: Said<unknown>, entry: Entry, all: readonly string[]): string | undefined {
  return said.variants.length === entry.variants.length ? undefined : variantWords(said.variants, all);
}

function inVariants(said: Said<unknown>, entry: Entry, all: readonly string[]): string {
  const words = variantsSaid(said, entry, all);
  return words === undefined ? "" : ` (${words})`;
}

/** The defaults, each with the name that users would choose where the key has a placeholder. */
export function defaultLines(entry: Entry, all: readonly string[]): readonly string[] {
  return entry.defaults.map((said) => `${defaultWords(said.value, entry)}${inVariants(said, entry, all)}`);
}

/** The command lines that compute the value, with the template that they fill in. */
export function generatorLines(entry: Entry, all: readonly string[]): readonly string[] {
  return entry.generators.map(
    (said) => `${generatorWords(said.value, entry)}${inVariants(said, entry, all)}`,
  );
}

/** What a change writes and runs, service by service. */
export function effectLines(entry: Entry, all: readonly string[]): readonly string[] {
  return entry.effects.map((said) => `${effectWords(said.value)}${inVariants(said, entry, all)}`);
}

/** The names of the services alone. */
export function serviceLines(entry: Entry, all: readonly string[]): readonly string[] {
  const services = Map.groupBy(entry.effects, ({ value }) => value.service);
  return [...services].map(([value, said]) => {
    const variants = [...new Set(said.flatMap((one) => one.variants))];
    return `${value}${inVariants({ value, variants }, entry, all)}`;
  });
}

/** A default on one line, with its key where users choose a part of it. */
export function defaultWords({ key, value }: Default, entry: Entry): string {
  return `${key === entry.key ? "" : `${key} = `}${JSON.stringify(value)}`;
}

/** A generator on one line, with its key where users choose a part of it. */
export function generatorWords({ key, command, template }: Generator, entry: Entry): string {
  const whose = key === entry.key ? "" : `${key}: `;
  return `${whose}${command}${template === undefined ? "" : `, which fills in ${template}`}`;
}

function effectWords({ service, files, commands }: Effect): string {
  const parts = [
    ...(files.length === 0 ? [] : [`writes ${files.join(", ")}`]),
    ...(commands.length === 0 ? [] : [`runs ${commands.join(", then ")}`]),
  ];
  return `${service}${parts.length === 0 ? "" : `: ${parts.join("; ")}`}`;
}
