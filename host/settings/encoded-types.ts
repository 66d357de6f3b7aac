/** Types for encoded content: base64, and certificates in it (specification "settings" 6.1 and 6.5). */
import { text } from "./text-rule.ts";

// The last group: two symbols whose last four bits, or three whose last two bits, are zero; "=" as fill or nothing.
const base64Pattern =
  "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw](?:==)?|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=?)?";
const wholeBase64 = new RegExp(`^${base64Pattern}$`);

/** Bytes in base64, with the fill at its end or without; what the bytes are is not examined. */
export const base64 = text({
  accepted: "in base64, without line breaks",
  shapes: [{ pattern: `^${base64Pattern}$`, otherwise: "it is not base64" }],
});

/** Whether a text is base64 as this type takes it. */
export function isBase64(value: string): boolean {
  return wholeBase64.test(value);
}

/** Certificates as PEM text in base64; empty for none, which is how a bundle is emptied. */
export const pemBundle = text({
  accepted: "that is empty, or the base64 of PEM text with nothing but certificates in its blocks",
  shapes: [{ pattern: `^(\\s*|${base64Pattern})$`, otherwise: "it is not base64" }],
  problem: (value) =>
    value.trim() === "" ? undefined : bundleProblem(Buffer.from(value, "base64").toString("latin1")),
});

const beginLine = /^-----BEGIN ([^\r\n]*)-----[ \t]*$/;

/** What is wrong with PEM text; labels are not looked at, nor anything outside of blocks. */
function bundleProblem(pem: string): string | undefined {
  const lines = pem.split(/\r\n|\r|\n/);
  let count = 0;
  for (let at = 0; at < lines.length; at++) {
    const label = beginLine.exec(lines[at] ?? "")?.[1];
    if (label === undefined) continue;
    count += 1;
    const end = lines.findIndex((line, index) => index > at && line.trimEnd() === `-----END ${label}-----`);
    if (end === -1) return `PEM block ${count} has no END line`;
    if (!isCertificate(lines.slice(at + 1, end).join(""))) return `PEM block ${count} is not a certificate`;
    at = end;
  }
  return count === 0 ? "it contains no PEM block" : undefined;
}

function isCertificate(body: string): boolean {
  // Not an import: the module costs every program at its start, and few ever check a certificate.
  const { X509Certificate } = process.getBuiltinModule("node:crypto");
  try {
    new X509Certificate(Buffer.from(body, "base64"));
    return true;
  } catch {
    // Whatever is wrong with it, it is no certificate; the parser's own words name its C functions.
    return false;
  }
}
