/** `pinwheel repo keys` and `rotate`: what hosts trust. */
import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type Command, Option } from "commander";
import { disk, readTextIfExists, writeWhole } from "../host/linux/files.ts";
import {
  findRepo,
  keyOption,
  nowNs,
  type RepoOptions,
  readRoot,
  repoOptions,
  rootKeyFile,
  signingKeyFile,
} from "./context.ts";
import { fetchRoot } from "./fetch-root.ts";
import { generateKey, type KeyType, keyTypes, type SigningKey } from "./keys.ts";
import { readKey } from "./read-key.ts";
import { earlierRootFile } from "./root-files.ts";
import { checkMaySign, firstRoot, nextRoot } from "./root-role.ts";
import { metadataText } from "./sign.ts";

interface KeyOptions extends RepoOptions {
  readonly type: KeyType;
}

/** Adds `repo keys` and `repo rotate`. */
export function registerKeys(repo: Command): void {
  const type = () =>
    new Option("--type <type>", "of a key that has to be made").choices(keyTypes).default("rsa");
  keyOption(
    repoOptions(
      repo
        .command("keys")
        .description(
          "make what a new repository needs: its key and its first root role; or check that they are there",
        ),
    ),
  )
    .addOption(type())
    .option("--allow-missing-key", "be content with a root role, on a machine that does not sign")
    .action(makeKeys);
  keyOption(
    repoOptions(
      repo
        .command("rotate")
        .description(
          "make the next version of the root role, valid for another 52 weeks, with other keys if asked for",
        ),
    ),
  )
    .addOption(type())
    .option("--root-key <file>", "the present root key (root_keys of Infra.toml, or the signing key)")
    .option("--new-root-key <file>", "the root key from now on; made when it is not there")
    .option("--new-signing-key <file>", "the signing key from now on; made when it is not there")
    .action(rotate);
}

async function makeKeys(options: KeyOptions & { allowMissingKey?: boolean }): Promise<void> {
  const repo = await findRepo(options);
  const fetched = await fetchRoot(repo);
  if (fetched !== undefined) tell(`Fetched ${repo.rootFile} from ${fetched}`);
  const signingFile = signingKeyFile(repo, options);
  if ((await readTextIfExists(repo.rootFile)) !== undefined) {
    const root = await readRoot(repo);
    const isMissing = (await readTextIfExists(signingFile)) === undefined;
    if (isMissing && options.allowMissingKey === true) tell(`There is no key ${signingFile}`);
    else checkMaySign(root, await readKey(signingFile));
    tell(`${repo.rootFile} is there: version ${root.signed.version}, expires ${root.signed.expires}`);
    return;
  }
  const rootFile = rootKeyFile(repo, options);
  const signing = await readOrMakeKey(signingFile, options.type);
  const rootKey = rootFile === signingFile ? signing : await readOrMakeKey(rootFile, options.type);
  const root = firstRoot(
    {
      root: [rootKey],
      publication: [signing],
      rootThreshold: repo.configured?.rootKeyThreshold ?? 1,
      publicationThreshold: repo.configured?.pubKeyThreshold ?? 1,
    },
    nowNs(),
  );
  await mkdir(dirname(repo.rootFile), { recursive: true });
  await disk.createFile(repo.rootFile, metadataText(root), 0o644, true);
  tell(`Made ${repo.rootFile}: version 1, expires ${root.signed.expires}`);
  tell(
    "Images have to carry it, and who publishes has to keep the keys: without them no host can be updated",
  );
}

async function rotate(
  options: KeyOptions & { rootKey?: string; newRootKey?: string; newSigningKey?: string },
): Promise<void> {
  const repo = await findRepo(options);
  const present = await readRoot(repo);
  const presentKey = await readKey(options.rootKey ?? rootKeyFile(repo, options));
  const signingFile = options.newSigningKey ?? signingKeyFile(repo, options);
  const rootKey =
    options.newRootKey === undefined ? presentKey : await readOrMakeKey(options.newRootKey, options.type);
  const signing =
    options.newSigningKey === undefined
      ? await readKey(signingFile)
      : await readOrMakeKey(signingFile, options.type);
  const next = nextRoot(
    present,
    [presentKey],
    { root: [rootKey], publication: [signing], rootThreshold: 1, publicationThreshold: 1 },
    nowNs(),
  );
  // The present version first: without it, hosts that trust it could not follow.
  const earlier = earlierRootFile(repo.rootFile, present.signed.version);
  await writeWhole(earlier, await readFile(repo.rootFile), { durable: true });
  await writeWhole(repo.rootFile, metadataText(next), { durable: true });
  tell(`Made version ${next.signed.version} of ${repo.rootFile}, expires ${next.signed.expires}`);
  tell(`Version ${present.signed.version} is kept as ${earlier}`);
  tell("Publish it: bin/pinwheel repo build or refresh; Infra.toml has to name the new keys");
}

async function readOrMakeKey(file: string, type: KeyType): Promise<SigningKey> {
  if ((await readTextIfExists(file)) === undefined) {
    await mkdir(dirname(file), { recursive: true });
    await disk.createFile(file, generateKey(type), 0o600, true);
    tell(`Made the key ${file} (${type})`);
  }
  return readKey(file);
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
