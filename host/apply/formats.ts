/**
 * How a setting's value is written into each kind of file, so that no value can end its string or line.
 *
 * A template's file name says which kind: the last of its words (parted by `-`, `_` and `.`) that names a format.
 * This is instead of the reference's HTML escaping, which is wrong in all of them (specification
 * "rendered-config" 2, WEAKNESS). Values that need no escaping come out unchanged.
 */

type Write = (value: unknown) => string;

/** A value that a format has no way to write. Its message becomes part of the render failure. */
export class Unwritable extends Error {}

const formats: ReadonlyMap<string, Write> = new Map<string, Write>([
  ["toml", tomlValue],
  ["env", envValue],
  ["conf", word],
  ["hosts", word],
  ["motd", freeText],
]);

/**
 * The way to write values into the file of a template.
 *
 * @param templateName  file name without directories: "updog-toml", "containerd-config-toml_k8s"
 * @throws  Unwritable if the name names no format
 */
export function writerFor(templateName: string): Write {
  const found = templateName
    .split(/[-_.]/)
    .map((name) => formats.get(name))
    .findLast((write) => write !== undefined);
  if (found !== undefined) return found;
  const known = [...formats.keys()].join(", ");
  throw new Unwritable(`the template's name does not say the format of its file; formats are ${known}`);
}

/** The file is for people and has no structure that a value could break. */
export function freeText(value: unknown): string {
  return scalarText(value);
}

/** A whole TOML value: a quoted string, a number, a boolean, or a list of these. */
function tomlValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(", ")}]`;
  if (typeof value !== "string") return scalarText(value);
  // TOML's basic strings have the escapes of JSON, except that DEL must be escaped too and lone surrogates
  // cannot be written at all.
  if (!value.isWellFormed()) throw new Unwritable("it is not valid Unicode");
  return JSON.stringify(value).replaceAll("\u007f", "\\u007f");
}

/**
 * Part of the value of a systemd environment file (`EnvironmentFile=`). A backslash is used for what needs
 * escaping, because there quotes mean something only where a value begins, and a template may put several
 * settings into one value. Control characters make systemd drop the whole assignment, so they are refused.
 */
function envValue(value: unknown): string {
  const text = scalarText(value);
  refuseControls(text);
  return text.replace(/[\s\\"'`$]/gu, "\\$&");
}

/** One word of a file whose lines are words: it has no way to write blanks, and no word may start a comment. */
function word(value: unknown): string {
  const text = scalarText(value);
  refuseControls(text);
  if (text === "") throw new Unwritable("it is empty where a word is needed");
  if (/[\s"'\\]/u.test(text))
    throw new Unwritable("it has blanks, quotes or backslashes where one word is needed");
  if (/^[#!;%]/.test(text)) throw new Unwritable(`it starts with ${text[0]}, which would start a comment`);
  if (text.includes("#")) throw new Unwritable("it has a #, which would start a comment");
  return text;
}

function scalarText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint")
    return String(value);
  throw new Unwritable(`${value === null ? "null" : "a list or table"} cannot be inserted here`);
}

function refuseControls(text: string): void {
  // Everything that some reader takes for the end of a line is among these: C0, DEL, C1 and the Unicode separators.
  const control = /[\p{Cc}\u2028\u2029]/u.exec(text)?.[0].codePointAt(0);
  if (control === undefined && text.isWellFormed()) return;
  if (control === undefined) throw new Unwritable("it is not valid Unicode");
  throw new Unwritable(
    `it has the control character U+${control.toString(16).toUpperCase().padStart(4, "0")}`,
  );
}
