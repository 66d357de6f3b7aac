/** The manifest of a repository. */
import { type Manifest, parseManifest } from "../host/update/index.ts";
import { fail } from "./failures.ts";
import { readTarget } from "./read-target.ts";
import type { TrustedRepository } from "./trusted.ts";

export const MANIFEST = "manifest.json";

/** @throws publish/no-target; as `readTarget`; Failure "manifest/bad" */
export async function readManifest(repository: TrustedRepository): Promise<Manifest> {
  const { targets, places } = repository;
  const target = targets.signed.targets[MANIFEST];
  if (target === undefined) throw fail("publish/no-target", { name: MANIFEST, url: places.metadata });
  const chunks: Uint8Array[] = [];
  await readTarget(places, target, (chunk) => chunks.push(chunk));
  return parseManifest(MANIFEST, Buffer.concat(chunks).toString());
}
