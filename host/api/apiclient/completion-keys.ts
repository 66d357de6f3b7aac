/**
 * What may stand next in a key or a value that is being typed: keys level by level, and the values of settings that
 * have few.
 */
import { type Declaration, declarationAt, type Group, type Schema } from "../../settings/index.ts";

/** Names that users have chosen at this key, segments after "settings". */
export type NamesAt = (segments: readonly string[]) => Promise<readonly string[]>;

/** What a key stands for: the beginning of keys to show, a key to take back, or a key to give a value. */
export type KeyUse = "prefix" | "key" | "assignment";

/**
 * Keys that begin as typed. One level at a time; what has only one way on is followed as far as it goes.
 *
 * @param typed  without the shell's quotes; it may end inside of a quoted name
 * @returns whole keys; those that end in "." or "=" go on
 */
export async function keyCandidates(
  typed: string,
  settings: Group,
  use: KeyUse,
  namesAt: NamesAt,
): Promise<readonly string[]> {
  const { before, segments, last } = splitTyped(typed);
  const root = segments[0] === "settings";
  // `get` takes full names only; the other commands put "settings." in front by themselves.
  if (!root && (use === "prefix" || (segments.length === 0 && isBeginning(last, "settings.")))) {
    const own = use === "prefix" ? [] : await level(settings, before, [], last, use, namesAt);
    return segments.length > 0 ? [] : [...own, ...["settings."].filter((word) => word.startsWith(last))];
  }
  const path = root ? segments.slice(1) : segments;
  const declaration = declarationAt(settings, path);
  const found = declaration === undefined ? [] : await level(declaration, before, path, last, use, namesAt);
  const [only] = found;
  const goesOn = found.length === 1 && only?.endsWith(".") === true && only !== typed;
  return goesOn ? orItself(await keyCandidates(only, settings, use, namesAt), only) : found;
}

/** Values that begin as typed, behind `KEY=`; none where the setting takes more than a few words. */
export function valueCandidates(keyText: string, typed: string, settings: Group): readonly string[] {
  const { segments, last } = splitTyped(keyText);
  const path = [...segments, last.replaceAll('"', "")];
  const declaration = declarationAt(settings, path[0] === "settings" ? path.slice(1) : path);
  if (declaration?.kind !== "leaf") return [];
  return wordsOf(declaration.type.schema).filter((word) => word.startsWith(typed));
}

interface Typed {
  /** The text in front of the last segment. */
  readonly before: string;
  readonly segments: readonly string[];
  /** The last segment as typed, with the quote that opens it. */
  readonly last: string;
}

function splitTyped(text: string): Typed {
  const segments: string[] = [];
  let start = 0;
  let quoted = false;
  for (const [index, character] of [...text].entries()) {
    if (character === '"') quoted = !quoted;
    else if (character === "." && !quoted) {
      segments.push(text.slice(start, index).replaceAll('"', ""));
      start = index + 1;
    }
  }
  return { before: text.slice(0, start), segments, last: text.slice(start) };
}

function isBeginning(typed: string, word: string): boolean {
  return typed !== "" && word.startsWith(typed);
}

function orItself(found: readonly string[], itself: string): readonly string[] {
  return found.length === 0 ? [itself] : found;
}

async function level(
  declaration: Declaration,
  before: string,
  path: readonly string[],
  last: string,
  use: KeyUse,
  namesAt: NamesAt,
): Promise<readonly string[]> {
  const below = await namesBelow(declaration, path, namesAt);
  return below
    .map(([name, value]) => `${before}${segmentText(name, last)}${ending(value, use)}`)
    .filter((text) => text.startsWith(`${before}${last}`));
}

async function namesBelow(
  declaration: Declaration,
  path: readonly string[],
  namesAt: NamesAt,
): Promise<readonly (readonly [string, Declaration])[]> {
  if (declaration.kind === "leaf") return [];
  if (declaration.kind === "group") return Object.entries(declaration.members);
  const { names, value } = declaration;
  const all = new Set([...(names.words ?? []), ...(await namesAt(path))]);
  return [...all].map((name) => [name, value] as const);
}

/** A name with a dot stands in quotes, and so does one that somebody begins with a quote. */
function segmentText(name: string, last: string): string {
  return name.includes(".") || last.startsWith('"') ? `"${name}"` : name;
}

function ending(declaration: Declaration, use: KeyUse): string {
  if (declaration.kind !== "leaf") return ".";
  return use === "assignment" ? "=" : "";
}

function wordsOf(schema: Schema): readonly string[] {
  if (schema.type === "boolean") return ["true", "false"];
  if (Array.isArray(schema.anyOf)) return schema.anyOf.flatMap(wordsOf);
  const words: readonly unknown[] = Array.isArray(schema.enum) ? schema.enum : [];
  // What is empty or stands for nothing else than quotes is no help to anybody who types.
  return words.filter((word): word is string => typeof word === "string" && /^[\w.-]+$/.test(word));
}
