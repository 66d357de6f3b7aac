/** Contents of the small partitions: EFI, boot, private, data. Made with file tools alone, always the same bytes. */
import { chmod, mkdir, readFile, utimes, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { encodeBootConfig } from "../host/platform/boot-config-file.ts";
import type { Sdk } from "../sdk/index.ts";
import { cpioDirectory, cpioFile, writeCpio } from "./cpio.ts";
import { fatSerialFor, guidFor, type Release } from "./identity.ts";
import type { InitrdModules } from "./kernel.ts";

/** The initrd: the first init, the modules it loads and the list that says when. */
export async function makeInitrd(init: string, modules: InitrdModules, epoch: number): Promise<Buffer> {
  const directories = ["dev", "proc", "sys", "modules", "new-root"].map((name) => cpioDirectory(name));
  const files = [
    cpioFile("init", await readFile(init), 0o755),
    cpioFile("modules.list", Buffer.from(modules.list)),
  ];
  for (const path of modules.files) files.push(cpioFile(`modules/${basename(path)}`, await readFile(path)));
  return writeCpio([...directories, ...files], epoch);
}

/** A FAT file system of the given size with these files (path in it → local path). */
export async function makeFat(
  sdk: Sdk,
  image: string,
  sizeMiB: number,
  files: ReadonlyMap<string, string>,
  release: Release,
  purpose: string,
): Promise<void> {
  const directories = new Set<string>();
  for (const path of files.keys()) {
    const parts = path.split("/").slice(0, -1);
    for (let depth = 1; depth <= parts.length; depth++) directories.add(parts.slice(0, depth).join("/"));
  }
  for (const local of files.values()) await utimes(local, release.epoch, release.epoch);
  const run = (...command: string[]) =>
    sdk.run(command, {
      writable: [join(image, "..")],
      readable: [...files.values()],
      env: { SOURCE_DATE_EPOCH: String(release.epoch) },
    });
  await run("truncate", `--size=${sizeMiB}M`, image);
  await run("mkfs.fat", "--invariant", "-i", fatSerialFor(release, purpose), "-n", "PINWHEEL", image);
  for (const directory of directories) await run("mmd", "-i", image, `::/${directory}`);
  for (const [path, local] of files) await run("mcopy", "-m", "-i", image, local, `::/${path}`);
}

/** An ext4 file system of the given size holding the files of a directory, or empty. */
export async function makeExt4(
  sdk: Sdk,
  image: string,
  sizeMiB: number,
  options: { readonly directory?: string; readonly arguments?: readonly string[] },
  release: Release,
  purpose: string,
): Promise<void> {
  const epoch = String(release.epoch);
  await sdk.run(
    [
      "mke2fs",
      "-q",
      "-t",
      "ext4",
      // Inode tables are zero in a new file: nothing is left for the kernel to write in the first minutes of a host.
      "-E",
      `hash_seed=${guidFor(release, `${purpose} hash seed`)},lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0`,
      "-U",
      guidFor(release, `${purpose} file system`),
      ...(options.arguments ?? []),
      ...(options.directory === undefined ? [] : ["-d", options.directory]),
      image,
      `${sizeMiB}M`,
    ],
    {
      writable: [join(image, "..")],
      ...(options.directory === undefined ? {} : { readable: [options.directory] }),
      env: { SOURCE_DATE_EPOCH: epoch, E2FSPROGS_FAKE_TIME: epoch },
    },
  );
}

/** Text of the boot settings file in a new image: no settings (os-image.md 1.8). */
const EMPTY_BOOT_CONFIG = "kernel {}\ninit {}\n";

/** The directory that becomes the private partition of a new image. */
export async function makePrivateDirectory(directory: string, release: Release): Promise<void> {
  await mkdir(directory, { recursive: true });
  const file = join(directory, "bootconfig.data");
  const encoded = encodeBootConfig(EMPTY_BOOT_CONFIG);
  if (!encoded.ok) throw new Error(encoded.problem);
  await writeFile(file, encoded.bytes);
  // Both become those on the partition, whatever the builder's umask.
  await chmod(file, 0o600);
  await chmod(directory, 0o755);
  await utimes(file, release.epoch, release.epoch);
  await utimes(directory, release.epoch, release.epoch);
}
