/** The root role that an image carries: whose updates its hosts take (specification "os-image" 2.1, updog/root.json). */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readTextIfExists } from "../host/linux/files.ts";
import { DEFAULT_REPO, findRepo, readRoot } from "./context.ts";
import { DEVELOPMENT } from "./development.ts";
import { fetchRoot } from "./fetch-root.ts";

export interface TrustedRoot {
  readonly repo: string;
  readonly version: number;
  /** As its repository publishes it; public keys and no others. */
  readonly bytes: Uint8Array;
}

/**
 * The newest root role of a repository of this checkout: fetched if Infra.toml says from where.
 *
 * @param top   the checkout: where Infra.toml and roles/ are
 * @param name  when absent the default one; where nobody has made that yet, the one for development
 * @throws publish/no-root, publish/no-such-repo, publish/bad-file, publish/bad-checksum
 */
export async function readTrustedRoot(top: string, name?: string): Promise<TrustedRoot> {
  const chosen = name ?? ((await hasDefault(top)) ? DEFAULT_REPO : DEVELOPMENT);
  const repo = await repoOf(top, chosen);
  await fetchRoot(repo);
  const { version } = (await readRoot(repo)).signed;
  return { repo: chosen, version, bytes: await readFile(repo.rootFile) };
}

async function hasDefault(top: string): Promise<boolean> {
  const { configured, rootFile } = await repoOf(top, DEFAULT_REPO);
  return configured !== undefined || (await readTextIfExists(rootFile)) !== undefined;
}

function repoOf(top: string, repo: string) {
  return findRepo({ repo, infra: join(top, "Infra.toml") }, top);
}
