/** What every command about one repository starts from: its configuration, root role, key and place. */
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Metadata, Root } from "@tufjs/models";
import { type Command, Option } from "commander";
import { errorCode, listIfExists } from "../host/linux/files.ts";
import { DEVELOPMENT, developmentFiles } from "./development.ts";
import { durationForm, parseMoment } from "./durations.ts";
import { fail } from "./failures.ts";
import type { Infra, InfraRepo, KeySource } from "./infra.ts";
import { findInfra, repoOf } from "./infra-file.ts";
import { type SigningKey, signingKeyFromPem } from "./keys.ts";
import { type Places, placesBelow, placesOf } from "./places.ts";
import { earlierRootFile } from "./root-files.ts";
import { readText } from "./toml-file.ts";
import { loadRepository, parseRoot, type TrustedRepository } from "./trusted.ts";

export interface RepoOptions {
  readonly repo: string;
  readonly infra: string;
  readonly root?: string;
  readonly key?: string;
  readonly from?: string;
}

export interface Repo {
  readonly name: string;
  readonly infra: Infra | undefined;
  readonly configured: InfraRepo | undefined;
  readonly rootFile: string;
  /** The signing key's, where neither Infra.toml nor the command line names another. */
  readonly keyFile: string;
}

export const DEFAULT_REPO = "default";

/** Adds the options that name a repository. */
export function repoOptions(command: Command): Command {
  return command
    .option("--repo <name>", `a repository of Infra.toml; ${DEVELOPMENT} is there by itself`, DEFAULT_REPO)
    .option("--infra <file>", "the configuration; Infra.lock beside it is used instead", "Infra.toml")
    .option("--root <file>", "the newest root role (roles/REPO.root.json)");
}

/** Adds the option that names the signing key, for commands that sign. */
export function keyOption(command: Command): Command {
  return command.option("--key <file>", "the signing key (that of Infra.toml, or keys/REPO.pem)");
}

/** Adds the option that names the published repository, for commands that read one. */
export function fromOption(command: Command, what: string): Command {
  return command.addOption(
    new Option(
      "--from <base>",
      `${what}: a directory or URL that has VARIANT/ARCH/ and targets/ (Infra.toml's)`,
    ),
  );
}

/**
 * @param top  where roles/ and keys/ are
 * @throws publish/bad-file, publish/no-such-repo
 */
export async function findRepo(options: RepoOptions, top = ""): Promise<Repo> {
  const { repo: name } = options;
  const infra = await findInfra(options.infra);
  const isMissing = infra?.repos.has(name) !== true;
  const isKnown = [DEFAULT_REPO, DEVELOPMENT].includes(name);
  // Nobody has to name these two; any other name that is not there is a typing mistake.
  const configured = infra === undefined || (isMissing && isKnown) ? undefined : repoOf(infra, name);
  const files =
    isMissing && name === DEVELOPMENT
      ? await developmentFiles(nowNs())
      : { rootFile: join(top, `roles/${name}.root.json`), keyFile: join(top, `keys/${name}.pem`) };
  return { name, infra, configured, ...files, rootFile: options.root ?? files.rootFile };
}

/** Where the published repository is, or undefined when nothing tells. @throws publish/no-location */
export function findPlaces(
  { name, infra, configured }: Repo,
  options: RepoOptions,
  variant: string,
  arch: string,
): Places | undefined {
  if (options.from !== undefined) return placesBelow(options.from, variant, arch);
  return infra === undefined || configured === undefined
    ? undefined
    : placesOf(infra, name, configured, variant, arch);
}

/** The same, for what cannot go on without. @throws publish/no-location */
export function needPlaces(repo: Repo, options: RepoOptions, variant: string, arch: string): Places {
  const places = findPlaces(repo, options, variant, arch);
  if (places !== undefined) return places;
  const file = repo.infra?.file ?? options.infra;
  throw fail("publish/no-location", {
    repo: repo.name,
    file,
    missing: ["metadata_base_url", "targets_url"],
  });
}

/** @throws publish/no-root, publish/bad-metadata */
export async function readRoot({ rootFile }: Repo): Promise<Metadata<Root>> {
  return parseRoot(rootFile, await rootBytes(rootFile));
}

/** The file of the signing key. @throws publish/remote-key */
export function signingKeyFile(repo: Repo, options: RepoOptions): string {
  return options.key ?? keyFile(repo, repo.configured?.signingKeys) ?? repo.keyFile;
}

/** The file of the root key: that of the signing key where there is no other. @throws publish/remote-key */
export function rootKeyFile(repo: Repo, options: RepoOptions): string {
  return keyFile(repo, repo.configured?.rootKeys) ?? signingKeyFile(repo, options);
}

/** @throws publish/no-key, publish/bad-key */
export async function readKey(file: string): Promise<SigningKey> {
  let pem: string;
  try {
    pem = await readFile(file, "utf8");
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") throw fail("publish/no-key", { file }, { cause });
    pem = await readText("signing key", file);
  }
  return signingKeyFromPem(file, pem);
}

/**
 * The published repository, from the earliest root role that is on this machine on: the newest may not be published yet.
 *
 * @throws publish/root-behind and those of `loadRepository`
 */
export async function loadPublished(
  { rootFile }: Repo,
  places: Places,
  now: Date | "whenever",
): Promise<{ readonly repository: TrustedRepository | undefined; readonly rootBytes: Buffer }> {
  const newest = await rootBytes(rootFile);
  const { version } = parseRoot(rootFile, newest).signed;
  const earliest = await earliestRoot(rootFile, version);
  const start = earliest === undefined ? newest : await rootBytes(earliest);
  const repository = await loadRepository(places, start, now);
  const published = repository?.root.signed.version ?? 0;
  if (published > version) throw fail("publish/root-behind", { file: rootFile, version, published });
  return { repository, rootBytes: start };
}

/** @throws publish/bad-option */
export function moment(option: string, text: string | undefined, now: bigint): bigint {
  const found = text === undefined ? now : parseMoment(text, now);
  if (found !== undefined) return found;
  const accepted = `${durationForm}, or a date and time as in RFC 3339`;
  throw fail("publish/bad-option", { option, found: text ?? "", accepted });
}

/** The present second: what is written of it is to be read by people too. */
export function nowNs(): bigint {
  return BigInt(Math.floor(Date.now() / 1000)) * 1_000_000_000n;
}

export function asDate(instant: bigint): Date {
  return new Date(Number(instant / 1_000_000n));
}

async function rootBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") throw fail("publish/no-root", { file }, { cause });
    throw cause;
  }
}

async function earliestRoot(rootFile: string, newest: number): Promise<string | undefined> {
  const there = new Set((await listIfExists(dirname(resolve(rootFile)))) ?? []);
  for (let version = 1; version < newest; version++) {
    const file = earlierRootFile(rootFile, version);
    if (there.has(file.slice(file.lastIndexOf("/") + 1))) return file;
  }
  return undefined;
}

/** Paths in Infra.toml are relative to it. */
function keyFile({ infra }: Repo, source: KeySource | undefined): string | undefined {
  if (source === undefined) return undefined;
  const { field, key } = source;
  switch (key.kind) {
    case "file":
      return resolve(dirname(infra?.file ?? "."), key.path);
    case "kms":
      throw fail("publish/remote-key", { field, uri: key.uri, needs: "a client for AWS KMS" });
    case "ssm":
      throw fail("publish/remote-key", { field, uri: key.uri, needs: "a client for AWS SSM parameters" });
  }
}
