/** Types for general text, addresses and versions (specification "settings" 6.1 to 6.3). */
import { text } from "./basic-types.ts";

/** Any text, empty and of many lines too. */
export const anyText = text("", () => undefined);

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const lineEnd = /[\n\r\u000b\u000c\u0085\u2028\u2029]/u;

/** A text on one line; tabs, quotes and other control characters are allowed. */
export const singleLine = text("without line breaks", (value) =>
  lineEnd.test(value) ? "it contains a line break" : undefined,
);

/**
 * An address: an absolute URL, or a text that is one after `http://`. Stored as given.
 *
 * Stricter than the reference, whose second chance for malformed absolute URLs and whose dropping of
 * newlines let almost anything through (WEAKNESS in specification "settings" 6.2).
 */
export const url = text("that is a URL or a host with an optional port and path", urlProblem);

function urlProblem(value: string): string | undefined {
  if (value === "") return "it is empty";
  if (/[\p{Cc}\u2028\u2029]/u.test(value)) return "it contains a line break or another control character";
  if (value.trim() !== value) return "it starts or ends with a blank";
  if (URL.canParse(value)) return undefined;
  if (value.includes("://")) return "it is not a valid URL";
  return URL.canParse(`http://${value}`) ? undefined : "it is neither a valid URL nor a valid host";
}

const fullVersion =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-((0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(\+([0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*))?$/;

/** `latest`, or a full semantic version with at most one leading `v`. Stored as given. */
export const version = text('that is "latest" or a full version such as "1.11.1" or "v1.11.1"', (value) =>
  value === "latest" || fullVersion.test(value.replace(/^v/, "")) ? undefined : "it is not a full version",
);
