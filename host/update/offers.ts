/**
 * What the update repository offers this host: configuration, repository and manifest, one after another (specification
 * "updates" 7). Acts. Loads the library of the repository's format, so whoever needs no repository does not import this.
 */
import { join } from "node:path";
import { readTextIfExists } from "../linux/files.ts";
import { candidates } from "./choose.ts";
import { parseUpdogConfig, proxyVariables, type UpdogConfig } from "./config.ts";
import { fail } from "./failures.ts";
import { type Manifest, parseManifest, type Update } from "./manifest.ts";
import { openRepository, type Repository } from "./repository/index.ts";
import type { Running } from "./running.ts";

export const configFile = "etc/updog.toml";
export const MANIFEST = "manifest.json";

export interface Offers {
  readonly config: UpdogConfig;
  readonly repository: Repository;
  readonly manifest: Manifest;
  /** As this host may take them, the highest version first. */
  readonly candidates: readonly Update[];
}

/**
 * Looks what there is. The proxy of the configuration becomes this process's own.
 *
 * @param root         "/", or a tree with the same files in a test
 * @param ignoreWaves  also when the configuration does not
 * @throws Failure of the configuration, of the repository (repository/…), and "manifest/bad"
 */
export async function lookForOffers(root: string, running: Running, ignoreWaves: boolean): Promise<Offers> {
  const config = await readConfig(root);
  Object.assign(process.env, proxyVariables(config));
  const telling = { version: running.version.text, seed: String(config.seed) };
  const repository = await openRepository(root, config, telling);
  const text = Buffer.from(await repository.targets.read(MANIFEST)).toString();
  const manifest = parseManifest(MANIFEST, text);
  const seeker = {
    variant: running.variant,
    arch: running.arch,
    seed: config.seed,
    ignoreWaves: ignoreWaves || config.ignoreWaves,
    now: BigInt(Date.now()) * 1_000_000n,
  };
  return { config, repository, manifest, candidates: candidates(manifest.updates, seeker) };
}

async function readConfig(root: string): Promise<UpdogConfig> {
  const path = join(root, configFile);
  const text = await readTextIfExists(path);
  if (text === undefined) throw fail("updog/no-config", { file: path });
  return parseUpdogConfig(path, text);
}
