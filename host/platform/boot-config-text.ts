/**
 * The text form of boot parameters: what the host writes into `bootconfig.data` and what a kernel with
 * boot-config support shows in `/proc/bootconfig`. Only the flat form is read: one assignment a line.
 * Nothing here touches a file.
 *
 * @source specification "platform" 7.2, 7.3; "os-image" 1.8
 */

import { isBootParameterName } from "../settings/index.ts";

/** Values by key, for the kernel and for init. A list may be empty: a parameter without a value. */
export interface BootParameters {
  readonly kernel: ReadonlyMap<string, readonly string[]>;
  readonly init: ReadonlyMap<string, readonly string[]>;
}

export const noBootParameters: BootParameters = { kernel: new Map(), init: new Map() };

/**
 * What is written when there are no parameters. An empty text would be refused by the kernel as an empty
 * configuration, so both groups are declared, each with one empty value.
 */
const textWithoutParameters = '\n    kernel = ""\n    init = ""\n';

/**
 * Writes the text of a boot configuration: kernel keys first, then init keys, each group sorted, so that the
 * same settings always make the same bytes.
 *
 * @param parameters  checked settings: no value holds both kinds of quote
 */
export function bootConfigText(parameters: BootParameters): string {
  const lines = [...group("kernel", parameters.kernel), ...group("init", parameters.init)];
  return lines.length === 0 ? textWithoutParameters : lines.map((line) => `${line}\n`).join("");
}

function group(name: "kernel" | "init", values: BootParameters["kernel"]): string[] {
  return [...values]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, list]) =>
      list.length === 0 ? `${name}.${key}` : `${name}.${key} = ${list.map(quoted).join(", ")}`,
    );
}

function quoted(value: string): string {
  const quote = value.includes('"') ? "'" : '"';
  return `${quote}${value}${quote}`;
}

export type ParsedBootConfig =
  | { readonly ok: true; readonly parameters: BootParameters }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Reads the flat form. A key given twice keeps its last value. Lines that begin with `#` are skipped: newer
 * kernels add the boot loader's words to `/proc/bootconfig` as such comments.
 *
 * @returns the parameters, or every problem found, each naming its line
 * @throws  never
 */
export function parseBootConfigText(text: string): ParsedBootConfig {
  const kernel = new Map<string, readonly string[]>();
  const init = new Map<string, readonly string[]>();
  const problems: string[] = [];
  const body = text.trim();

  for (const [index, raw] of (body === "" ? [] : body.split("\n")).entries()) {
    const line = raw.trim();
    if (line.startsWith("#")) continue;
    const assignment = parseLine(line);
    if (typeof assignment === "string") {
      problems.push(`line ${index + 1}: ${assignment}`);
    } else if (assignment.group !== undefined) {
      (assignment.group === "kernel" ? kernel : init).set(assignment.key, assignment.values);
    }
  }
  return problems.length === 0 ? { ok: true, parameters: { kernel, init } } : { ok: false, problems };
}

type Assignment =
  | { readonly group: "kernel" | "init"; readonly key: string; readonly values: readonly string[] }
  | { readonly group: undefined };

/** One line's assignment, or what is wrong with it. */
function parseLine(line: string): Assignment | string {
  if (line === "") return "the line is empty; accepted: one assignment a line";
  // Only the first equals sign separates: `kernel.root = "LABEL=data"` has another inside its value.
  const equals = line.indexOf("=");
  const key = (equals < 0 ? line : line.slice(0, equals)).trim();
  const values = equals < 0 ? undefined : parseValues(line.slice(equals + 1));
  if (typeof values === "string") return `${JSON.stringify(key)}: ${values}`;

  if (key === "kernel" || key === "init") {
    if (values?.length === 1 && values[0] === "") return { group: undefined };
    return `${JSON.stringify(key)} has a value of its own; accepted: ${key} = "", or keys below ${key}.`;
  }
  const [group] = key.split(".", 1);
  const rest = key.slice((group ?? "").length + 1);
  if ((group === "kernel" || group === "init") && isBootParameterName(rest)) {
    return { group, key: rest, values: values ?? [] };
  }
  return `the key is ${JSON.stringify(key)}; accepted: kernel.KEY or init.KEY, KEY being words of letters, digits, - and _ joined by dots`;
}

/** The elements of a value list, or what is wrong with it. */
function parseValues(text: string): readonly string[] | string {
  if (!/^\p{ASCII}*$/u.test(text)) return "the value has a character outside ASCII";
  const values: string[] = [];
  let rest = text.trimStart();
  while (rest !== "") {
    const element = quotedElement(rest) ?? plainElement(rest);
    if (typeof element === "string") return element;
    values.push(element.value);
    rest = element.rest.trimStart();
    if (rest === "") break;
    if (!rest.startsWith(",")) return "a quoted value is not followed by a comma";
    rest = rest.slice(1).trimStart();
  }
  return values;
}

interface Element {
  readonly value: string;
  readonly rest: string;
}

/** An element in quotes, `undefined` if the text does not begin with a quote. */
function quotedElement(text: string): Element | string | undefined {
  const quote = text[0];
  if (quote !== '"' && quote !== "'") return undefined;
  const end = text.indexOf(quote, 1);
  return end < 0 ? "the quotes are unbalanced" : { value: text.slice(1, end), rest: text.slice(end + 1) };
}

function plainElement(text: string): Element | string {
  const comma = text.indexOf(",");
  const value = (comma < 0 ? text : text.slice(0, comma)).trimEnd();
  const forbidden = /['";#}\n]/.exec(value);
  if (forbidden !== null) return `a value without quotes has the character ${forbidden[0]}`;
  return { value, rest: comma < 0 ? "" : text.slice(comma) };
}
