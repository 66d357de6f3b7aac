/** Writers for files whose lines say something by themselves: environment files, unit files, lists of words. */

import { Refusal, refuseControls, scalarText } from "./refusal.ts";

/**
 * Part of the value of a systemd environment file (`EnvironmentFile=`). A backslash is used for what needs
 * escaping, because there quotes mean something only where a value begins, and a template may put several
 * settings into one value. Control characters make systemd drop the whole assignment, so they are refused.
 */
export function environmentText(value: unknown): string {
  const text = scalarText(value);
  refuseControls(text);
  return text.replace(/[\s\\"'`$]/gu, "\\$&");
}

/**
 * One argument of a command line in a systemd unit file (`ExecStart=`), which is not the program. Specifiers and
 * variables are doubled, because systemd looks for both inside of quotes too.
 */
export function unitWord(value: unknown): string {
  const text = scalarText(value);
  refuseControls(text);
  if (/^[\w./:=,@+-]+$/.test(text)) return text;
  return `"${text.replace(/[\\"]/g, "\\$&").replace(/[%$]/g, "$&$&")}"`;
}

/** One word of a file whose lines are words: it has no way to write blanks, and no word may start a comment. */
export function word(value: unknown): string {
  const text = scalarText(value);
  refuseControls(text);
  if (text === "") throw new Refusal("it is empty where a word is needed");
  if (/[\s"'\\]/u.test(text))
    throw new Refusal("it has blanks, quotes or backslashes where one word is needed");
  if (/^[#!;%]/.test(text)) throw new Refusal(`it starts with ${text[0]}, which would start a comment`);
  if (text.includes("#")) throw new Refusal("it has a #, which would start a comment");
  return text;
}
