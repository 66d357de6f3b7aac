/** Fetches a target and compares it with what was signed. */
import { createHash } from "node:crypto";
import type { TargetFile } from "@tufjs/models";
import { fail } from "./failures.ts";
import { RepositoryFetcher } from "./fetcher.ts";
import { type Places, targetUrl } from "./places.ts";

const fetcher = new RepositoryFetcher();

/**
 * Reads to the end; what is handed over is to be trusted only when this returns.
 *
 * @throws publish/not-found, publish/too-long, publish/not-fetched, publish/bad-metadata for a wrong length or hash
 */
export async function readTarget(
  places: Places,
  target: TargetFile,
  take: (chunk: Uint8Array) => void,
): Promise<void> {
  const sha256 = target.hashes.sha256 ?? "";
  const url = targetUrl(places, target.path, sha256);
  const hash = createHash("sha256");
  let length = 0;
  await fetcher.readInto(url, target.length, (chunk) => {
    hash.update(chunk);
    length += chunk.length;
    take(chunk);
  });
  const role = `target ${target.path}`;
  if (length !== target.length) {
    const problem = `it has ${length} bytes, signed are ${target.length}`;
    throw fail("publish/bad-metadata", { url, role, problem });
  }
  const found = hash.digest("hex");
  if (found !== sha256) throw fail("publish/bad-metadata", { url, role, problem: `its SHA-256 is ${found}` });
}
