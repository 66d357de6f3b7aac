/** The files an image build leaves for people and for publishing (os-image.md 1.9). */
import { chmod, copyFile, mkdir, readdir, rename, rm, symlink, truncate } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hashOf, type Sdk, takeLock } from "../sdk/index.ts";
import { writeDisk } from "./disk.ts";
import { fail } from "./failures.ts";
import { isFinished, markFinished } from "./finished.ts";
import type { Release } from "./identity.ts";
import type { DiskLayout } from "./layout.ts";
import { type MigrationTexts, packMigrations } from "./migrations.ts";

export interface OutputFiles {
  readonly directory: string;
  /** The raw OS disk, sparse. */
  readonly disk: string;
  /** The raw data disk, sparse; only in the split plan. */
  readonly dataDisk: string | undefined;
}

export interface OutputInputs {
  readonly layout: DiskLayout;
  /** Partition name → file with its content, in the cache: the same name is the same content. */
  readonly contents: ReadonlyMap<string, string>;
  readonly migrations: MigrationTexts;
}

const LOCK_MS = 600_000; // longer than another build takes to write its files

/**
 * Writes all files of a build, then removes those of earlier builds of the same version. Nothing is written when they
 * are there already. Builds of one variant at the same time write one after another.
 *
 * The suffixes are fixed by os-image.md 1.9, although the boot partition holds FAT and the root EROFS here: tools ask
 * for these names.
 *
 * @param out  the directory that holds `<arch>-<variant>/<version>-<build id>`
 */
export async function writeOutputs(
  sdk: Sdk,
  out: string,
  release: Release,
  inputs: OutputInputs,
): Promise<OutputFiles> {
  const { variant, arch, version, buildId } = release;
  const parent = join(out, `${arch}-${variant}`);
  const build = `${version}-${buildId}`;
  const directory = join(parent, build);
  const full = `pinwheel-${variant}-${arch}-${version}-${buildId}`;
  await mkdir(parent, { recursive: true });
  const lock = await takeLock(join(parent, ".lock"), LOCK_MS);
  if (lock === undefined) throw fail("image/outputs-busy", { directory: parent, seconds: LOCK_MS / 1000 });
  try {
    const key = hashOf(JSON.stringify([release, ...inputs.contents, ...inputs.migrations]));
    if (!(await isFinished(directory, key))) {
      await replaceDirectory(directory, async (unfinished) => {
        await fill(sdk, unfinished, full, release, inputs);
        await markFinished(unfinished, key);
      });
    }
    await pointLatest(parent, build);
    await removeOthers(parent, build, version);
  } finally {
    lock.release();
  }
  const name = (suffix: string) => join(directory, `${full}${suffix}`);
  return {
    directory,
    disk: name(".img"),
    dataDisk: inputs.layout.data === undefined ? undefined : name("-data.img"),
  };
}

/** A finished directory appears by rename: an interrupted build leaves nothing that looks finished. */
async function replaceDirectory(
  directory: string,
  fillIt: (unfinished: string) => Promise<void>,
): Promise<void> {
  const unfinished = join(dirname(directory), ".unfinished");
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished);
  try {
    await fillIt(unfinished);
    await rm(directory, { recursive: true, force: true });
    await rename(unfinished, directory);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

async function fill(
  sdk: Sdk,
  directory: string,
  full: string,
  release: Release,
  inputs: OutputInputs,
): Promise<void> {
  const { layout, contents } = inputs;
  const place = (suffix: string) => join(directory, `${full}${suffix}`);
  await writeDisk(sdk, place(".img"), layout.os, contents, release, "os");
  if (layout.data !== undefined) {
    await writeDisk(sdk, place("-data.img"), layout.data, contents, release, "data");
  }
  await compress(sdk, directory, full, inputs);
  await packMigrations(sdk, place("-migrations.tar"), inputs.migrations, release.epoch);
  // Disks are only to be read: a machine gets a copy, and the lab refuses to use one as it is. (The modes of the others
  // are those of what they were compressed from, which not everybody can read.)
  for (const file of await readdir(directory)) {
    await chmod(join(directory, file), file.endsWith(".img") ? 0o444 : 0o644);
  }
  await linkNames(directory, full, release);
}

async function compress(sdk: Sdk, directory: string, full: string, inputs: OutputInputs): Promise<void> {
  const part = (name: string) => inputs.contents.get(name) ?? "";
  // os-image.md 1.9: what is written over an older hash tree must reach to the end of its partition.
  const verity = join(directory, ".root.verity");
  await copyFile(part("BOTTLEROCKET-HASH-A"), verity);
  await truncate(verity, partitionBytes(inputs.layout, "BOTTLEROCKET-HASH-A"));
  const sources: [suffix: string, file: string, level: number][] = [
    [".img", join(directory, `${full}.img`), 1],
    ["-boot.ext4", part("BOTTLEROCKET-BOOT-A"), 9],
    ["-root.ext4", part("BOTTLEROCKET-ROOT-A"), 9],
    ["-root.verity", verity, 9],
  ];
  if (inputs.layout.data !== undefined) sources.push(["-data.img", join(directory, `${full}-data.img`), 1]);
  const place = { writable: [directory], readable: [...inputs.contents.values()] };
  await Promise.all(
    sources.map(([suffix, file, level]) =>
      sdk.run(["lz4", "-q", "-f", `-${level}`, file, join(directory, `${full}${suffix}.lz4`)], place),
    ),
  );
  await rm(verity);
}

function partitionBytes(layout: DiskLayout, name: string): number {
  const sizeMiB = layout.os.partitions.find((partition) => partition.name === name)?.sizeMiB ?? 0;
  return sizeMiB * 1024 * 1024;
}

/** Three more names for every file: without build id and version, without build id, and with `v` before the version. */
async function linkNames(directory: string, full: string, release: Release): Promise<void> {
  const short = `pinwheel-${release.variant}-${release.arch}`;
  const prefixes = [short, `${short}-${release.version}`, `${short}-v${release.version}`];
  for (const file of await readdir(directory)) {
    const suffix = file.slice(full.length);
    if (suffix === ".img" || suffix === "-data.img") continue; // unpacked, for the lab; not something to publish
    for (const prefix of prefixes) await symlink(file, join(directory, `${prefix}${suffix}`));
  }
}

async function pointLatest(parent: string, build: string): Promise<void> {
  const link = join(parent, `.latest-${process.pid}`);
  await rm(link, { force: true });
  await symlink(build, link);
  await rename(link, join(parent, "latest"));
}

/** Another version is left: an update is from one to the other, and machines are started from both. */
async function removeOthers(parent: string, build: string, version: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (name === build || !name.startsWith(`${version}-`)) continue;
    await rm(join(parent, name), { recursive: true, force: true });
  }
}
