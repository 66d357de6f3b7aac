/**
 * The repository `development`: what images trust that are built before somebody has made a repository of their own.
 *
 * Its key and root role are made once for each user and stay in the user's cache directory: all checkouts build the same
 * bytes, and what is cached stays good from one fresh clone to the next. Whoever empties the cache can no longer update
 * hosts of older images, which is why `repo keys` is for everything that lasts.
 */
import { chmod, copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Metadata, Root } from "@tufjs/models";
import { cached } from "../sdk/index.ts";
import { generateKey, type SigningKey, signingKeyFromPem } from "./keys.ts";
import { earlierRootFile } from "./root-files.ts";
import { firstRoot, nextRoot, type RootKeys } from "./root-role.ts";
import { metadataText } from "./sign.ts";
import { parseRoot } from "./trusted.ts";

/** Its name for `--repo`; one that Infra.toml has under this name is meant instead. */
export const DEVELOPMENT = "development";

const ROOT = `${DEVELOPMENT}.root.json`;
const KEY = `${DEVELOPMENT}.pem`;
// Publishing with an expired root role is refused, and so is every release by hosts: a month for whoever is away.
const RENEWED_BEFORE_MS = 30 * 24 * 60 * 60 * 1000;

export interface DevelopmentFiles {
  readonly rootFile: string;
  readonly keyFile: string;
}

/** Finds them, or makes them; a root role that is about to expire is followed by the next version. */
export async function developmentFiles(nowNs: bigint): Promise<DevelopmentFiles> {
  const directory = await cached("update-repository", DEVELOPMENT, (made) => begin(made, nowNs));
  const files = filesIn(directory);
  const root = parseRoot(files.rootFile, await readFile(files.rootFile));
  const soon = new Date(Number(nowNs / 1_000_000n) + RENEWED_BEFORE_MS);
  if (!root.signed.isExpired(soon)) return files;
  await cached("update-repository", DEVELOPMENT, (made) => renew(made, directory, root, nowNs), true);
  return files;
}

async function begin(made: string, nowNs: bigint): Promise<void> {
  const { rootFile, keyFile } = filesIn(made);
  const pem = generateKey("ed25519");
  await writeFile(keyFile, pem, { mode: 0o600 });
  await writeFile(rootFile, metadataText(firstRoot(only(signingKeyFromPem(keyFile, pem)), nowNs)));
}

/** Hosts come from one root role to the next, so that all earlier ones stay. */
async function renew(made: string, before: string, present: Metadata<Root>, nowNs: bigint): Promise<void> {
  for (const name of await readdir(before)) await copyFile(join(before, name), join(made, name));
  const { rootFile, keyFile } = filesIn(made);
  await chmod(keyFile, 0o600);
  const key = signingKeyFromPem(keyFile, await readFile(keyFile, "utf8"));
  await copyFile(rootFile, earlierRootFile(rootFile, present.signed.version));
  await writeFile(rootFile, metadataText(nextRoot(present, [key], only(key), nowNs)));
}

function filesIn(directory: string): DevelopmentFiles {
  return { rootFile: join(directory, ROOT), keyFile: join(directory, KEY) };
}

function only(key: SigningKey): RootKeys {
  return { root: [key], publication: [key], rootThreshold: 1, publicationThreshold: 1 };
}
