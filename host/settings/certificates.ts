/** Certificates in PEM text (RFC 7468): blocks of base64 between a BEGIN line and its END line. */
import type { X509Certificate } from "node:crypto";

export type Certificates =
  | { readonly certificates: readonly X509Certificate[] }
  | {
      /** What is wrong with the first block that is wrong, as a clause. */
      readonly problem: string;
    };

const beginLine = /^-----BEGIN ([^\r\n]*)-----[ \t]*$/;

/** All certificates of PEM text, in its order. Labels are not looked at, nor anything outside of blocks. */
export function certificatesOf(pem: string): Certificates {
  const lines = pem.split(/\r\n|\r|\n/);
  const certificates: X509Certificate[] = [];
  for (let at = 0; at < lines.length; at++) {
    const label = beginLine.exec(lines[at] ?? "")?.[1];
    if (label === undefined) continue;
    const begin = at;
    while (at < lines.length && lines[at]?.trimEnd() !== `-----END ${label}-----`) at++;
    const block = `PEM block ${certificates.length + 1}`;
    if (at === lines.length) return { problem: `${block} has no END line` };
    const certificate = certificateOf(lines.slice(begin + 1, at).join(""));
    if (certificate === undefined) return { problem: `${block} is not a certificate` };
    certificates.push(certificate);
  }
  return certificates.length === 0 ? { problem: "it contains no PEM block" } : { certificates };
}

function certificateOf(body: string): X509Certificate | undefined {
  // Not an import: the module costs every program at its start, and few ever look at a certificate.
  const { X509Certificate } = process.getBuiltinModule("node:crypto");
  try {
    return new X509Certificate(Buffer.from(body, "base64"));
  } catch {
    // Whatever is wrong with it, it is no certificate; the parser's own words name its C functions.
    return undefined;
  }
}
