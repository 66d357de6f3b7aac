/** Types for encoded content: base64, and certificates in it (specification "settings" 6.1 and 6.5). */
import { certificatesOf } from "./certificates.ts";
import { text } from "./text-rule.ts";

// The last group: two symbols whose last four bits, or three whose last two bits, are zero; "=" as fill or nothing.
const base64Pattern =
  "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw](?:==)?|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=?)?";

/** Bytes in base64, with the fill at its end or without; what the bytes are is not examined. */
export const base64 = text({
  accepted: "in base64, without line breaks",
  shapes: [{ pattern: `^${base64Pattern}$`, otherwise: "it is not base64" }],
});

const onlyBase64 = new RegExp(`^${base64Pattern}$`);

/** The bytes of a text in base64, by the same rule as `base64`; undefined for any other text. */
export function decodeBase64(encoded: string): Uint8Array | undefined {
  return onlyBase64.test(encoded) ? Buffer.from(encoded, "base64") : undefined;
}

/** Certificates as PEM text in base64; empty for none, which is how a bundle is emptied. */
export const pemBundle = text({
  accepted: "that is empty, or the base64 of PEM text with nothing but certificates in its blocks",
  shapes: [{ pattern: `^(\\s*|${base64Pattern})$`, otherwise: "it is not base64" }],
  problem(value) {
    if (value.trim() === "") return undefined;
    const found = certificatesOf(Buffer.from(value, "base64").toString("latin1"));
    return "problem" in found ? found.problem : undefined;
  },
});
