/**
 * How a setting's value is written into each kind of file, so that no value can end its string or line.
 *
 * This is instead of the reference's HTML escaping, which is wrong in all of them (specification "rendered-config" 2,
 * WEAKNESS). Values that need no escaping come out unchanged.
 */

import type { FileFormat } from "../settings/index.ts";
import { environmentText, unitWord, word } from "./line-formats.ts";
import { Refusal, scalarText } from "./refusal.ts";

export type Write = (value: unknown) => string;

export const writers: { readonly [Format in FileFormat]: Write } = {
  toml: tomlValue,
  yaml: yamlValue,
  json: jsonValue,
  env: environmentText,
  unit: unitWord,
  words: word,
  // The file is for people and has no structure that a value could break.
  text: scalarText,
  // The file is the value: a certificate, or what an administrator has written whole.
  verbatim: scalarText,
};

/** A whole TOML value or key: a quoted string, a number, a boolean, or a list of these. */
function tomlValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(", ")}]`;
  if (typeof value !== "string") return scalarText(value);
  // TOML's basic strings have the escapes of JSON, except that DEL must be escaped too and lone surrogates
  // cannot be written at all.
  return quoted(value).replaceAll("\u007f", "\\u007f");
}

// What YAML 1.1, which the kubelet reads, takes for something else than text, or 1.2 does.
const yamlWords = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** A whole YAML value or key: a scalar that is read back with the type that it has, or a flow list of these. */
function yamlValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(yamlValue).join(", ")}]`;
  if (typeof value !== "string") return scalarText(value);
  if (/^[A-Za-z][\w./-]*$/.test(value) && !yamlWords.test(value)) return value;
  // Double-quoted scalars have the escapes of JSON. Raw, these would be line breaks, or not allowed.
  return quoted(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A whole JSON value of any type, or a key. */
function jsonValue(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  const text = JSON.stringify(value);
  if (text === undefined || value === null) throw new Refusal("null cannot be inserted here");
  return text;
}

function quoted(text: string): string {
  if (!text.isWellFormed()) throw new Refusal("it is not valid Unicode");
  return JSON.stringify(text);
}
