/**
 * Which certificates are trusted, and the text of the bundle that says so to every program.
 *
 * Terms: the *source* bundle is what the image trusts; the *store* is what the host trusts: the source, and what
 * `settings.pki` adds to it and takes away from it.
 *
 * @source  specification "rendered-config" 10.2; "platform" 9
 */
import type { X509Certificate } from "node:crypto";
import { type Certificates, certificatesOf, decodeBase64, keyText } from "../../settings/index.ts";

/** The certificates of `settings.pki`. */
export interface PkiSettings {
  readonly trusted: readonly X509Certificate[];
  readonly distrusted: readonly X509Certificate[];
  /** What is wrong, each with its settings key. */
  readonly problems: readonly string[];
}

/**
 * Reads the member `pki` of the settings.
 *
 * @param pki  `undefined` if there is none; bundles with blank data are passed over
 */
export function readPki(pki: unknown): PkiSettings {
  const trusted: X509Certificate[] = [];
  const distrusted: X509Certificate[] = [];
  const problems: string[] = [];
  for (const [name, bundle] of Object.entries(tableOf(pki)).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { data, trusted: isTrusted } = tableOf(bundle);
    if (data === undefined || (typeof data === "string" && data.trim() === "")) continue;
    const found = certificatesOfSetting(data);
    if ("problem" in found) problems.push(`${keyText(["settings", "pki", name, "data"])}: ${found.problem}`);
    else (isTrusted === true ? trusted : distrusted).push(...found.certificates);
  }
  return { trusted, distrusted, problems };
}

function certificatesOfSetting(data: unknown): Certificates {
  const bytes = typeof data === "string" ? decodeBase64(data) : undefined;
  return bytes === undefined
    ? { problem: "it is not base64" }
    : certificatesOf(Buffer.from(bytes).toString("latin1"));
}

function tableOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/**
 * The source's certificates, then the trusted ones, each once; none that is distrusted, even if it is trusted too.
 *
 * Certificates are the same if their bytes are. The reference compares the labels of their PEM blocks as well, so
 * that one under another label cannot be distrusted.
 */
export function trustedCertificates(
  source: readonly X509Certificate[],
  { trusted, distrusted }: Pick<PkiSettings, "trusted" | "distrusted">,
): readonly X509Certificate[] {
  const passedOver = new Set(distrusted.map(bytesOf));
  return [...source, ...trusted].filter((certificate) => {
    const bytes = bytesOf(certificate);
    if (passedOver.has(bytes)) return false;
    passedOver.add(bytes);
    return true;
  });
}

function bytesOf(certificate: X509Certificate): string {
  return certificate.raw.toString("base64");
}

/** The text of a bundle: each certificate with its name in a comment before it and an empty line behind it. */
export function bundleText(certificates: readonly X509Certificate[]): string {
  return certificates
    .map((certificate) => {
      const name = nameOf(certificate);
      const lines = bytesOf(certificate).match(/.{1,64}/g) ?? [];
      const comment = name === undefined ? [] : [`# ${name}`];
      const block = ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----"];
      return [...comment, ...block, "", ""].join("\n");
    })
    .join("");
}

/** The first common name, else the first organizational unit, else the first organization, on one line. */
function nameOf(certificate: X509Certificate): string | undefined {
  const { subject } = certificate.toLegacyObject();
  // A subject may be empty, whatever the type says.
  const values: readonly unknown[] = [subject?.CN, subject?.OU, subject?.O];
  const [name] = values.flat().filter((value) => typeof value === "string");
  // A name that could end the comment's line could bring a block of its own.
  return name?.replace(/\p{Cc}+|[\u2028\u2029]/gu, " ");
}
