/**
 * Dotted keys (specification "api" 3.1, "settings" 5): a list of segments, written with dots between them
 * and double quotes around a segment that contains a dot itself.
 */

/** A key. Two keys are equal when their segments are, so always compare `text`, which is made from them. */
export interface Key {
  readonly segments: readonly string[];
  /** The one printed form: a segment is quoted if and only if it contains a dot. */
  readonly text: string;
}

export type ParsedKey =
  | { readonly ok: true; readonly key: Key }
  | { readonly ok: false; readonly reason: string };

const longestKey = 255; // bytes, quotes and dots included; all allowed characters are one byte
const allowed = /^[A-Za-z0-9_/.-]*$/;

/**
 * Reads a dotted key.
 *
 * @param text  at most 255 bytes of `A-Z a-z 0-9 _ - /`, dots and double quotes; a quote toggles quoting
 *   wherever it stands and is not part of the segment
 * @returns the key, or the reason as a clause: "it has an empty segment"
 */
export function parseKey(text: string): ParsedKey {
  if (text === "") return refuse("it is empty");
  if (text.length > longestKey) return refuse(tooLong(text.length));
  const segments: string[] = [];
  let segment = "";
  let quoted = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    else if (character === "." && !quoted) {
      segments.push(segment);
      segment = "";
    } else segment += character;
  }
  if (quoted) return refuse("a double quote has no partner");
  segments.push(segment);
  return keyFromSegments(segments);
}

/** Makes the key of a list of segments, under the same rules as `parseKey`. */
export function keyFromSegments(segments: readonly string[]): ParsedKey {
  if (segments.length === 0) return refuse("it is empty");
  for (const segment of segments) {
    const reason = segmentProblem(segment);
    if (reason !== undefined) return refuse(reason);
  }
  const text = keyText(segments);
  if (text.length > longestKey) return refuse(tooLong(text.length));
  return { ok: true, key: { segments, text } };
}

/** The printed form of segments that may come from an unchecked document; for messages. */
export function keyText(segments: readonly string[]): string {
  return segments.map((segment) => (segment.includes(".") ? `"${segment}"` : segment)).join(".");
}

function segmentProblem(segment: string): string | undefined {
  if (segment === "") return "it has an empty segment";
  if (allowed.test(segment)) return undefined;
  const wrong = [...segment].find((character) => !allowed.test(character)) ?? "";
  return `the character ${JSON.stringify(wrong)} is not allowed (only A-Z a-z 0-9 _ - / and quoted dots are)`;
}

function tooLong(length: number): string {
  return `it is ${length} characters long, and at most ${longestKey} are allowed`;
}

function refuse(reason: string): ParsedKey {
  return { ok: false, reason };
}
