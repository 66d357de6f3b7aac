/** Where `apiclient apply` reads settings from: stdin, files, HTTP(S) (api.md 8.5). */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Problem, parseJsonSource, problemText, type SourceNode } from "../../settings/index.ts";
import { parseTomlSource } from "../../settings/toml-source.ts";
import { CommandFailed } from "./requests.ts";

const MOST_BYTES = 16 * 1024 * 1024; // far above what the server takes; a bound on memory, not a rule
const AT_ONCE = 4; // api.md 8.5
// Root certificates of the system, where Debian and Fedora keep them. The first that exists is used.
const CERTIFICATES = ["/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs/ca-certificates.crt"] as const;

/**
 * Fetches all sources, up to four at a time.
 *
 * @param sources  `-` for stdin, `file://`, `http://` or `https://` URIs, or paths
 * @returns their texts, in the order of the arguments
 * @throws CommandFailed naming the source that could not be read
 */
export async function fetchSources(sources: readonly string[]): Promise<readonly string[]> {
  const texts: string[] = [];
  for (let at = 0; at < sources.length; at += AT_ONCE) {
    texts.push(...(await Promise.all(sources.slice(at, at + AT_ONCE).map(fetchSource))));
  }
  return texts;
}

/** What a source is called in messages. */
export const sourceName = (source: string): string => (source === "-" ? "stdin" : source);

async function fetchSource(source: string): Promise<string> {
  try {
    const bytes = await collect(await open(source));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandFailed(`Cannot read ${sourceName(source)}: ${why}`, { cause: error });
  }
}

async function open(source: string): Promise<ReadableStream<Uint8Array>> {
  if (source === "-") return Bun.stdin.stream();
  if (/^https?:\/\//i.test(source)) return openUrl(source);
  if (/^file:\/\//i.test(source)) return Bun.file(fileURLToPath(source)).stream();
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(source)) {
    throw new Error(
      "this kind of URI is not known; accepted: file://, http://, https://, a path, or - for stdin",
    );
  }
  return Bun.file(source).stream();
}

async function openUrl(url: string): Promise<ReadableStream<Uint8Array>> {
  const certificates = systemCertificates();
  const response = await fetch(url, certificates === undefined ? {} : { tls: { ca: certificates } });
  if (!response.ok) throw new Error(`the server answered ${response.status} ${response.statusText}`.trim());
  return response.body ?? new Blob([]).stream();
}

function systemCertificates(): string | undefined {
  for (const file of CERTIFICATES) {
    try {
      return readFileSync(file, "utf8");
    } catch {
      // Each distribution has its own place, and a container may have none: then the runtime's own list serves.
    }
  }
  return undefined;
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > MOST_BYTES) throw new Error(`it is larger than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Reads a text as TOML, and, if that fails, as JSON.
 *
 * @throws CommandFailed with what is wrong in both readings
 */
export function parseSource(source: string, text: string): SourceNode {
  const toml = parseTomlSource(text);
  if (toml.ok) return toml.node;
  const json = parseJsonSource(text);
  if (json.ok) return json.node;
  const list = (problems: readonly Problem[]) =>
    problems.map((problem) => `\n    ${problemText(problem, sourceName(source))}`).join("");
  throw new CommandFailed(
    `${sourceName(source)} is neither TOML nor JSON, nothing was changed:\n  as TOML:${list(toml.problems)}\n  as JSON:${list(json.problems)}`,
  );
}
