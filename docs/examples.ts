/** A good value of a setting, as people write it: in user data and as words of `apiclient set`. */
import { stringify } from "smol-toml";
import { type Declaration, type Json, keyText, parseJsonSource } from "../host/settings/index.ts";
import { type Entry, placeholder } from "./reference.ts";

/** A value under a key with real names in place of placeholders. */
export interface Example {
  readonly segments: readonly string[];
  readonly declaration: Declaration;
  readonly value: Json;
}

/** The example of an entry; undefined for a group that declares none. */
export function exampleOf(entry: Entry): Example | undefined {
  const segments: string[] = entry.segments.slice(0, 2);
  // What the nearest declared example above says about this entry, so that an entry and its map tell of the same name.
  let value: Json | undefined = entry.path[0]?.about?.example;
  for (const [index, declaration] of entry.path.slice(1).entries()) {
    let segment = entry.segments[index + 2] ?? "";
    if (segment === placeholder) segment = firstName(value) ?? "example";
    segments.push(segment);
    value = memberOf(value, segment) ?? declaration.about?.example;
  }
  return value === undefined ? undefined : { segments, declaration: entry.declaration, value };
}

/** The example as user data. */
export function tomlOf({ segments, value }: Example): string {
  const document = segments.reduceRight<Json>((inner, segment) => ({ [segment]: inner }), value);
  return `${stringify(document).trimEnd()}\n`;
}

/** The example as a command: one word for each setting, several on lines of their own. */
export function setCommandOf(example: Example): string {
  const words = setWords(example).map(shellWord);
  return ["apiclient set", ...words].join(words.length > 1 ? " \\\n  " : " ");
}

/** The words `KEY=VALUE`, before the shell. */
export function setWords(example: Example): readonly string[] {
  return leavesOf(example).map(
    ({ segments, declaration, value }) => `${keyText(segments.slice(1))}=${valueText(declaration, value)}`,
  );
}

function leavesOf({ segments, declaration, value }: Example): readonly Example[] {
  if (declaration.kind === "leaf" || !isTable(value)) return [{ segments, declaration, value }];
  return Object.entries(value).flatMap(([name, inner]) => {
    const member = declaration.kind === "map" ? declaration.value : declaration.members[name];
    return member === undefined
      ? []
      : leavesOf({ segments: [...segments, name], declaration: member, value: inner });
  });
}

/** The text is read by the declared type: a string is written as it stands, unless it would be taken for JSON. */
function valueText(declaration: Declaration, value: Json): string {
  const maybeJson = declaration.kind === "leaf" && declaration.type.writtenAs === "json-or-text";
  const isText = typeof value === "string" && !(maybeJson && parseJsonSource(value).ok);
  return isText ? value : JSON.stringify(value);
}

/** A word as a shell takes it, in single quotes where it needs any. */
function shellWord(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function firstName(value: Json | undefined): string | undefined {
  return isTable(value) ? Object.keys(value)[0] : undefined;
}

function memberOf(value: Json | undefined, name: string): Json | undefined {
  return isTable(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function isTable(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
