/** What to look for to find secrets in files and logs: the ways in which one value may be written there. */
import { decodeBase64 } from "../settings/index.ts";

/** Of fewer characters nothing is looked for: "on" or "80" would be taken out everywhere. Names tell of those. */
const FEWEST_CHARACTERS = 4;

/**
 * Every form of every secret.
 *
 * @param texts  the secrets as settings have them, in base64 or not
 * @returns no form twice; each as it stands in a file, UTF-8
 */
export function secretForms(texts: readonly string[]): readonly Buffer[] {
  const forms = new Set(texts.flatMap(partsOf).flatMap(writtenForms));
  return [...forms].map((form) => Buffer.from(form)).filter((form) => form.length >= FEWEST_CHARACTERS);
}

function partsOf(text: string): readonly string[] {
  const decoded = decodedText(text);
  const inside = decoded === undefined ? [] : [decoded, decoded.trim(), ...tellingWords(decoded)];
  return [text, text.trim(), ...inside, ...loginOfUrl(text)];
}

/** What a text in base64 says; undefined for one that is none, and for bytes that are no text. */
function decodedText(text: string): string | undefined {
  const bytes = decodeBase64(text);
  if (bytes === undefined) return undefined;
  const decoded = Buffer.from(bytes).toString("utf8");
  return /[\p{Cc}\ufffd]/u.test(decoded.replace(/[\t\r\n]/g, "")) ? undefined : decoded;
}

/**
 * What is worth hiding of a whole file: lines of keys, tokens, and what stands behind a name that says so. Not every
 * word, or the log would lose the names of containers and images.
 */
function tellingWords(file: string): readonly string[] {
  const words = file.match(/[\w+/=~-]{16,}/g) ?? [];
  const keys = words.filter((word) => /\d/.test(word) && /[A-Za-z]/.test(word));
  const named = file.matchAll(
    /[\w-]*(?:secret|token|passw|key|credential|auth)[\w-]*["']?\s*[:=]\s*(?:"([^"\n]*)"|'([^'\n]*)'|([^\s"',]+))/gi,
  );
  const values = [...named].map(([, double, single, plain]) => double ?? single ?? plain ?? "");
  return [...keys, ...values];
}

/** The password of a URL, which programs also quote without the rest of it. */
function loginOfUrl(text: string): readonly string[] {
  const [, login = "", password] = /^[a-z][a-z0-9+.-]*:\/\/([^\s/@:]*:([^\s/]*))@/i.exec(text) ?? [];
  if (password === undefined) return [];
  return [login, password, percentDecoded(password)];
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign that encodes nothing
  }
}

function writtenForms(text: string): readonly string[] {
  const quoted = JSON.stringify(text).slice(1, -1);
  const quotedTwice = JSON.stringify(quoted).slice(1, -1);
  const base64 = Buffer.from(text).toString("base64");
  return text.length < FEWEST_CHARACTERS
    ? []
    : [text, quoted, quotedTwice, encodeURIComponent(text.toWellFormed()), base64];
}
