/** What every command about one repository starts from: its configuration, root role, key and place. */
import { dirname, join, resolve } from "node:path";
import type { Metadata, Root } from "@tufjs/models";
import { type Command, Option } from "commander";
import { DEVELOPMENT, developmentFiles } from "./development.ts";
import { durationForm, parseMoment } from "./durations.ts";
import { fail } from "./failures.ts";
import type { Infra, InfraRepo, KeySource } from "./infra.ts";
import { findInfra, repoOf } from "./infra-file.ts";
import { type Places, placesBelow, placesOf } from "./places.ts";
import { readRootFile } from "./root-files.ts";
import { parseRoot } from "./trusted.ts";

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
  return parseRoot(rootFile, await readRootFile(rootFile));
}

/** The file of the signing key. @throws publish/remote-key */
export function signingKeyFile(repo: Repo, options: RepoOptions): string {
  return options.key ?? keyFile(repo, repo.configured?.signingKeys) ?? repo.keyFile;
}

/** The file of the root key: that of the signing key where there is no other. @throws publish/remote-key */
export function rootKeyFile(repo: Repo, options: RepoOptions): string {
  return keyFile(repo, repo.configured?.rootKeys) ?? signingKeyFile(repo, options);
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
