/**
 * Boot parameters as kernel command line words. Our kernels have no boot-config support of their own, so the
 * boot selector turns `bootconfig.data` into words and marks how many it added:
 *
 *     KERNEL-WORDS pinwheel.kernel-words=N … -- INIT-WORDS pinwheel.init-words=M …
 *
 * A word is `KEY` for a parameter without a value, else `KEY="VALUE"`, always quoted. The markers are not
 * quoted, so no setting can look like one. The selector writes this form and shares the examples in
 * boot/testdata/boot-words.json with the tests of this file. When a host did not come up with its boot settings, the
 * selector starts it once without them and says so with a word of its own.
 *
 * @source specification "os-image" 1.7 (the order of the words)
 */

import {
  isBootParameterName,
  isReservedBootParameter,
  reservedBootParameterReason,
} from "../settings/index.ts";
import type { BootParameters } from "./boot-config-text.ts";

/** x86-64 kernels and their EFI stub keep this many bytes of a command line, the final NUL included. */
const commandLineBytes = 2048;

export interface BootWords {
  readonly kernelWords: readonly string[];
  readonly initWords: readonly string[];
  /** Settings that cannot travel on a kernel command line or may not, each with the reason. */
  readonly leftOut: readonly { readonly key: string; readonly reason: string }[];
}

/** The words of the given parameters: keys in the order of the maps, values in list order. */
export function bootWords(parameters: BootParameters): BootWords {
  const { parameters: travelling, leftOut } = thatTravel(parameters);
  const words = (group: BootParameters["kernel"]): string[] =>
    [...group].flatMap(([key, values]) =>
      values.length === 0 ? [key] : values.map((value) => `${key}="${value}"`),
    );
  return { kernelWords: words(travelling.kernel), initWords: words(travelling.init), leftOut };
}

/** The parameters that a kernel command line can carry, and why the others cannot. */
export function thatTravel(parameters: BootParameters): {
  readonly parameters: BootParameters;
  readonly leftOut: BootWords["leftOut"];
} {
  const leftOut: { key: string; reason: string }[] = [];
  const group = (name: "kernel" | "init"): BootParameters["kernel"] => {
    const kept = new Map<string, readonly string[]>();
    for (const [key, values] of parameters[name]) {
      if (key === "--" && values.length === 0) {
        leftOut.push({ key: `${name}.${key}`, reason: "a bare -- ends the kernel's own words" });
        continue;
      }
      if (isReservedBootParameter(key)) {
        leftOut.push({ key: `${name}.${key}`, reason: reservedBootParameterReason });
        continue;
      }
      const carried = values.filter((value) => /^[\x20\x21\x23-\x7e]*$/.test(value));
      if (carried.length > 0 || values.length === 0) kept.set(key, carried);
      if (carried.length < values.length) leftOut.push({ key: `${name}.${key}`, reason: unwritable });
    }
    return kept;
  };
  return { parameters: { kernel: group("kernel"), init: group("init") }, leftOut };
}

const unwritable =
  "a kernel command line can hold neither double quotes nor unprintable characters in a value";

/**
 * Reads back what the boot selector added to the command line.
 *
 * @param line  content of `/proc/cmdline`
 * @returns `undefined` if the selector added nothing, the parameters, or what is wrong with the marked words
 * @throws  never
 */
export function bootParametersOfCommandLine(
  line: string,
): { readonly parameters: BootParameters } | { readonly problem: string } | undefined {
  const { beforeInit, init } = halves(line);
  const kernelPart = markedWords(beforeInit, "pinwheel.kernel-words");
  const initPart = markedWords(init, "pinwheel.init-words");
  if (kernelPart === undefined && initPart === undefined) return undefined;

  const parameters = { kernel: new Map<string, string[]>(), init: new Map<string, string[]>() };
  for (const [group, part] of [
    ["kernel", kernelPart],
    ["init", initPart],
  ] as const) {
    if (part === undefined) continue;
    if ("problem" in part) return part;
    for (const word of part.words) {
      const read = readWord(word);
      if (read === undefined) {
        return {
          problem: `${part.marker} counts the word ${JSON.stringify(word)}; accepted: KEY or KEY="VALUE"`,
        };
      }
      const values = parameters[group].get(read.key) ?? [];
      parameters[group].set(read.key, read.value === undefined ? values : [...values, read.value]);
    }
  }
  return { parameters };
}

const withheldWord = "pinwheel.boot-settings=withheld";

/** Whether the boot selector left the boot settings out of this start, because with them the host did not come up. */
export function bootSettingsWithheld(line: string): boolean {
  return halves(line).beforeInit.includes(withheldWord);
}

/** The bytes of a command line that has these words in place of the boot words it carries now. */
export function commandLineLength(runningLine: string, words: BootWords): number {
  const { beforeInit, init } = halves(runningLine);
  const all = [
    ...words.kernelWords,
    ...(words.kernelWords.length > 0 ? [`pinwheel.kernel-words=${words.kernelWords.length}`] : []),
    ...withoutMarked(beforeInit, "pinwheel.kernel-words").filter((word) => word !== withheldWord),
    "--",
    ...words.initWords,
    ...(words.initWords.length > 0 ? [`pinwheel.init-words=${words.initWords.length}`] : []),
    ...withoutMarked(init, "pinwheel.init-words"),
  ];
  return new TextEncoder().encode(all.join(" ")).length;
}

/** The longest command line the kernel keeps whole, in bytes. */
export const maxCommandLineBytes = commandLineBytes - 1;

/**
 * Splits a command line as the kernel does: blanks separate words except inside double quotes; quotes and
 * everything else stay in the word.
 */
function splitCommandLine(line: string): string[] {
  return line.match(/(?:"[^"]*"?|[^\s"])+/g) ?? [];
}

function halves(line: string): { beforeInit: readonly string[]; init: readonly string[] } {
  const words = splitCommandLine(line);
  const separator = words.indexOf("--");
  return separator < 0
    ? { beforeInit: words, init: [] }
    : { beforeInit: words.slice(0, separator), init: words.slice(separator + 1) };
}

function markedWords(
  words: readonly string[],
  name: string,
): { readonly words: readonly string[]; readonly marker: string } | { readonly problem: string } | undefined {
  const at = words.findIndex((word) => word.startsWith(`${name}=`) && !word.includes('"'));
  const marker = words[at];
  if (marker === undefined) return undefined;
  const count = /^[0-9]{1,4}$/.test(marker.slice(name.length + 1))
    ? Number(marker.slice(name.length + 1))
    : -1;
  if (count < 0 || count > at) {
    return {
      problem: `found ${JSON.stringify(marker)} after ${at} words; accepted: a number from 0 to ${at}`,
    };
  }
  return { words: words.slice(at - count, at), marker };
}

function withoutMarked(words: readonly string[], name: string): readonly string[] {
  const part = markedWords(words, name);
  if (part === undefined || "problem" in part) return words;
  const at = words.indexOf(part.marker);
  return [...words.slice(0, at - part.words.length), ...words.slice(at + 1)];
}

function readWord(word: string): { readonly key: string; readonly value: string | undefined } | undefined {
  const equals = word.indexOf("=");
  if (equals < 0) return isBootParameterName(word) ? { key: word, value: undefined } : undefined;
  const key = word.slice(0, equals);
  const value = /^"([^"]*)"$/.exec(word.slice(equals + 1))?.[1];
  return isBootParameterName(key) && value !== undefined ? { key, value } : undefined;
}
