/** `pinwheel repo build`, `set-waves` and `set-max-version`: what changes what hosts are offered. */
import { basename, join, resolve } from "node:path";
import type { Command } from "commander";
import { listIfExists, replaceLink } from "../host/linux/files.ts";
import { type Manifest, parseVersion, type Version } from "../host/update/index.ts";
import { progressLines } from "../sdk/index.ts";
import {
  asDate,
  findPlaces,
  findRepo,
  fromOption,
  keyOption,
  moment,
  needPlaces,
  nowNs,
  type Repo,
  type RepoOptions,
  readRoot,
  repoOptions,
  signingKeyFile,
} from "./context.ts";
import { fail } from "./failures.ts";
import { findParts, type ImageParts, targetsOf } from "./image-parts.ts";
import { loadPublished } from "./load-published.ts";
import { readManifest } from "./manifest-target.ts";
import type { Places } from "./places.ts";
import { readExpirationPolicy, readWavePolicy } from "./policy-files.ts";
import { publish } from "./publish.ts";
import { readKey } from "./read-key.ts";
import { addRelease, emptyManifest, setMaxVersion, setWaves } from "./release.ts";
import { parseReleaseFile } from "./release-file.ts";
import { fileTarget, type TargetSource } from "./targets.ts";
import { readText } from "./toml-file.ts";
import type { TrustedRepository } from "./trusted.ts";
import { wavesOf } from "./wave-policy.ts";

interface PublishOptions extends RepoOptions {
  readonly arch: string;
  readonly expirations: string;
  readonly out: string;
}

interface WaveOptions {
  readonly waves: string;
  readonly start?: string;
}

interface BuildOptions extends Omit<PublishOptions, "out">, WaveOptions {
  readonly images?: string;
  readonly release: string;
  readonly target?: readonly string[];
  readonly out?: string;
}

/** Adds `repo build`, `repo set-waves` and `repo set-max-version`. */
export function registerBuild(repo: Command): void {
  const build = repo
    .command("build")
    .description("publish a built image: a new repository, or one more release of a published one")
    .argument("<variant>", "a folder of variants/");
  waveOptions(publishOptions(build))
    .option("--images <dir>", "what the image build left (the version's in build/images/ARCH-VARIANT)")
    .option("--release <file>", "the version and the migrations", "Release.toml")
    .option("--target <file>", "one more file to publish; may be given again", collect)
    .option("--out <dir>", "a new directory (build/repos/REPO/NAME-VERSION-BUILD, and latest beside it)")
    .action(buildRepo);
  const waves = repo
    .command("set-waves")
    .description("give a published release other waves")
    .argument("<variant>", "a folder of variants/")
    .argument("<version>", "the release");
  waveOptions(publishOptions(waves)).requiredOption("--out <dir>", "a new directory").action(setWavesOf);
  const withdraw = repo
    .command("set-max-version")
    .description("withdraw what is newer: hosts above the version go back to it, others stop there")
    .argument("<variant>", "a folder of variants/")
    .argument("<version>", "the last good release");
  publishOptions(withdraw).requiredOption("--out <dir>", "a new directory").action(setMaxVersionOf);
}

function publishOptions(command: Command): Command {
  return fromOption(
    keyOption(repoOptions(command))
      .option("--arch <arch>", "the hosts' processors", "x86_64")
      .option("--expirations <policy>", "a file, or a name in publish/policies", "2w-2w-1w"),
    "what is published",
  );
}

function waveOptions(command: Command): Command {
  return command
    .option("--waves <policy>", "a file, or a name in publish/policies", "default-waves")
    .option("--start <time>", 'when the waves begin to count: "in 2 days", or as RFC 3339 (now)');
}

async function buildRepo(variant: string, options: BuildOptions): Promise<void> {
  const now = nowNs();
  const { arch } = options;
  const repo = await findRepo(options);
  const { version, migrations } = parseReleaseFile(
    options.release,
    await readText("release file", options.release),
  );
  const waves = await readWaves(options, now);
  const images = options.images ?? (await imagesOf(`build/images/${arch}-${variant}`, version.text));
  const parts = await findParts(images, variant, arch, version.text);
  const places = findPlaces(repo, options, variant, arch);
  const published = places === undefined ? undefined : await loadOrBegin(repo, options, places, now);
  const names = {
    boot: basename(parts.boot),
    root: basename(parts.root),
    hash: basename(parts.hash),
  };
  const manifest = addRelease(
    published === undefined ? emptyManifest : await readManifest(published),
    { variant, arch, version, waves, images: names },
    migrations,
  );
  const parent = `build/repos/${repo.name}`;
  const name = releaseName(parts, variant, arch);
  const out = options.out ?? join(parent, name);
  const added = [...targetsOf(parts), ...(options.target ?? []).map(fileTarget)];
  await publishTo(repo, { ...options, out }, variant, { published, manifest, added, now });
  if (options.out === undefined) await replaceLink(name, resolve(parent, "latest"));
}

async function setWavesOf(
  variant: string,
  versionText: string,
  options: PublishOptions & WaveOptions,
): Promise<void> {
  const waves = await readWaves(options, nowNs());
  await changeManifest(variant, options, (manifest) =>
    setWaves(manifest, { variant, arch: options.arch }, versionOf(versionText), waves),
  );
}

async function setMaxVersionOf(variant: string, versionText: string, options: PublishOptions): Promise<void> {
  await changeManifest(variant, options, (manifest) =>
    setMaxVersion(manifest, { variant, arch: options.arch }, versionOf(versionText)),
  );
}

async function changeManifest(
  variant: string,
  options: PublishOptions,
  change: (manifest: Manifest) => Manifest,
): Promise<void> {
  const now = nowNs();
  const repo = await findRepo(options);
  const places = needPlaces(repo, options, variant, options.arch);
  const { repository: published } = await loadPublished(repo, places, asDate(now));
  if (published === undefined) throw fail("publish/not-found", { url: places.metadata });
  const manifest = change(await readManifest(published));
  await publishTo(repo, options, variant, { published, manifest, added: [], now });
}

async function publishTo(
  repo: Repo,
  options: PublishOptions,
  variant: string,
  what: {
    readonly published: TrustedRepository | undefined;
    readonly manifest: Manifest;
    readonly added: readonly TargetSource[];
    readonly now: bigint;
  },
): Promise<void> {
  const out = resolve(options.out);
  await publish(
    {
      ...what,
      directory: join(out, variant, options.arch),
      targetsDirectory: join(out, "targets"),
      rootFile: repo.rootFile,
      root: await readRoot(repo),
      key: await readKey(signingKeyFile(repo, options)),
      expirations: await readExpirationPolicy(options.expirations),
    },
    progressLines(),
  );
  process.stdout.write(`${options.out}\n`);
}

/** Where the build of a version is; of one that is not there, `latest` tells what is. */
async function imagesOf(parent: string, version: string): Promise<string> {
  const names = (await listIfExists(parent)) ?? [];
  return join(parent, names.find((name) => name.startsWith(`${version}-`)) ?? "latest");
}

/** What Infra.toml names may not be there yet; what the command line names has to be. */
async function loadOrBegin(
  repo: Repo,
  options: RepoOptions,
  places: Places,
  now: bigint,
): Promise<TrustedRepository | undefined> {
  const { repository } = await loadPublished(repo, places, asDate(now));
  if (repository !== undefined) return repository;
  if (options.from !== undefined) throw fail("publish/not-found", { url: places.metadata });
  process.stderr.write(`There is nothing at ${places.metadata} yet: beginning a new repository\n`);
  return undefined;
}

async function readWaves(options: WaveOptions, now: bigint) {
  return wavesOf(await readWavePolicy(options.waves), moment("--start", options.start, now));
}

function versionOf(text: string): Version {
  const version = parseVersion(text.replace(/^v/, ""));
  if (version !== undefined) return version;
  throw fail("publish/bad-option", {
    option: "The version",
    found: text,
    accepted: "a version like 1.11.1",
  });
}

/** NAME-VERSION-BUILD, out of the name of a part. */
function releaseName(parts: ImageParts, variant: string, arch: string): string {
  return basename(parts.boot, "-boot.ext4.lz4").replace(`-${variant}-${arch}-`, "-");
}

function collect(file: string, before: readonly string[] = []): readonly string[] {
  return [...before, file];
}
