/** What cannot become part of a file. */

/**
 * A value that a format has no way to write, or one that is missing where it is needed. The render failure quotes the
 * place in the template before its message, which therefore need not say whose value it is.
 */
export class Refusal extends Error {}

/** The text of a value that is one word of data, as it stands. */
export function scalarText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint")
    return String(value);
  throw new Refusal(`${value === null ? "null" : "a list or table"} cannot be inserted here`);
}

export function refuseControls(text: string): void {
  // Everything that some reader takes for the end of a line is among these: C0, DEL, C1 and the Unicode separators.
  const control = /[\p{Cc}\u2028\u2029]/u.exec(text)?.[0].codePointAt(0);
  if (control === undefined && text.isWellFormed()) return;
  if (control === undefined) throw new Refusal("it is not valid Unicode");
  throw new Refusal(`it has the control character U+${control.toString(16).toUpperCase().padStart(4, "0")}`);
}
