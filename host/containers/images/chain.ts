/** Names of unpacked layers: each stands for itself and all below it (OCI image specification, "Layer ChainID"). */
import { createHash } from "node:crypto";

/** @param diffIds  lowest first; @returns the names of the snapshots, lowest first */
export function chainIds(diffIds: readonly string[]): readonly string[] {
  const ids: string[] = [];
  for (const diffId of diffIds) {
    const below = ids.at(-1);
    ids.push(below === undefined ? diffId : digestOf(Buffer.from(`${below} ${diffId}`)));
  }
  return ids;
}

/** The digest of some content, in the form that names it; with the algorithm of another digest if there is one. */
export function digestOf(bytes: Uint8Array, like = "sha256:"): string {
  const algorithm = like.split(":", 1)[0] ?? "sha256";
  return `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;
}
