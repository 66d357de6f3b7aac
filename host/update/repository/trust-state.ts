/**
 * What this host has seen of a repository: kept from one run to the next, so that a server cannot show it older metadata
 * later on. The roots in it are followed from the image's own on: to write here is not to be trusted.
 */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readTextIfExists, writeWhole } from "../../linux/files.ts";
import { isTable, type Json } from "../../settings/source.ts";
import type { KnownRoles } from "./roles.ts";

const FILE = "var/lib/bottlerocket/update/trust.json";

const nothing: KnownRoles = { roots: [] };

export class TrustState {
  private readonly path: string;

  /** @param metadataUrl  another repository is another story: its versions are its own */
  constructor(
    root: string,
    private readonly metadataUrl: string,
  ) {
    this.path = join(root, FILE);
  }

  async read(): Promise<KnownRoles> {
    const text = await readTextIfExists(this.path);
    return text === undefined ? nothing : (parse(text, this.metadataUrl) ?? nothing);
  }

  /** Written only when it is news. */
  async write(known: KnownRoles): Promise<void> {
    const text = `${JSON.stringify({
      "metadata-base-url": this.metadataUrl,
      roots: known.roots.map((bytes) => bytes.toString()),
      timestamp: known.timestamp?.toString(),
      snapshot: known.snapshot?.toString(),
    })}\n`;
    if (text === (await readTextIfExists(this.path))) return;
    await mkdir(dirname(this.path), { recursive: true });
    await writeWhole(this.path, text, { mode: 0o600, durable: true });
  }
}

/** @returns undefined for what belongs to another repository, or cannot be read: then nothing is known */
function parse(text: string, metadataUrl: string): KnownRoles | undefined {
  let document: Json;
  try {
    document = JSON.parse(text);
  } catch {
    // Written whole or not at all: somebody else did this. The host begins again, as if it were new.
    return undefined;
  }
  if (!isTable(document) || document["metadata-base-url"] !== metadataUrl) return undefined;
  const bytes = (value: Json | undefined) => (typeof value === "string" ? Buffer.from(value) : undefined);
  const { roots, timestamp, snapshot } = document;
  return {
    roots: Array.isArray(roots) ? roots.flatMap((root: Json) => bytes(root) ?? []) : [],
    timestamp: bytes(timestamp),
    snapshot: bytes(snapshot),
  };
}
