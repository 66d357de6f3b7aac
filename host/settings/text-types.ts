/** Types for general text, addresses and versions (specification "settings" 6.1 to 6.3). */
import { text } from "./text-rule.ts";

/** Any text, empty and of many lines too. */
export const anyText = text({});

/** A text on one line; tabs, quotes and other control characters are allowed. */
export const singleLine = text({
  accepted: "without line breaks",
  shapes: [
    {
      pattern: "^[^\\n\\r\\u000b\\u000c\\u0085\\u2028\\u2029]*$",
      otherwise: "it contains a line break",
    },
  ],
});

/**
 * An address: an absolute URL, or a text that is one after `http://`. Stored as given.
 *
 * Stricter than the reference, whose second chance for malformed absolute URLs and whose dropping of
 * newlines let almost anything through (WEAKNESS in specification "settings" 6.2).
 */
export const url = text({
  accepted: "that is a URL or a host with an optional port and path",
  length: { min: 1 },
  shapes: [
    {
      pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]*$",
      otherwise: "it contains a line break or another control character",
    },
    { pattern: "^\\S(.*\\S)?$", otherwise: "it starts or ends with a blank" },
  ],
  problem: urlProblem,
});

function urlProblem(value: string): string | undefined {
  if (URL.canParse(value)) return undefined;
  if (value.includes("://")) return "it is not a valid URL";
  return URL.canParse(`http://${value}`) ? undefined : "it is neither a valid URL nor a valid host";
}

const number = "(0|[1-9]\\d*)";
const preRelease = "(0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)";
const fullVersion = `${number}\\.${number}\\.${number}(-${preRelease}(\\.${preRelease})*)?(\\+[0-9a-zA-Z-]+(\\.[0-9a-zA-Z-]+)*)?`;

/** `latest`, or a full semantic version with at most one leading `v`. Stored as given. */
export const version = text({
  accepted: 'that is "latest" or a full version such as "1.11.1" or "v1.11.1"',
  shapes: [{ pattern: `^(latest|v?${fullVersion})$`, otherwise: "it is not a full version" }],
});
