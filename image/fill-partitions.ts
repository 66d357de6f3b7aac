/** Fills the partitions that are no part of the verified root: boot, EFI, private and data. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { VariantDefinition } from "../host/settings/variant-sources.ts";
import type { Sdk } from "../sdk/index.ts";
import type { Release } from "./identity.ts";
import { initrdModules, kernelVersion } from "./kernel.ts";
import { planDisks } from "./layout.ts";
import type { KeptPackage } from "./package-lists.ts";
import type { ExtractedPackages } from "./packages.ts";
import { makeExt4, makeFat, makeInitrd, makePrivateDirectory } from "./partitions.ts";

export interface PartitionInputs {
  readonly variant: VariantDefinition;
  readonly release: Release;
  readonly commandLine: string;
  readonly packages: ExtractedPackages;
  readonly kernel: KeptPackage;
  /** Directory with the compiled boot selector and first init. */
  readonly boot: string;
}

/** Partition name → its content's file in the directory that `fillPartitions` filled. */
export const FILES = {
  "EFI-SYSTEM": "efi.fat",
  "BOTTLEROCKET-BOOT-A": "boot.fat",
  "BOTTLEROCKET-PRIVATE": "private.ext4",
  "BOTTLEROCKET-DATA": "data.ext4",
} as const;

/** @throws image/…, sdk/command-failed when something does not fit */
export async function fillPartitions(sdk: Sdk, directory: string, inputs: PartitionInputs): Promise<void> {
  const { variant, release } = inputs;
  const { os, data } = planDisks(variant.plan, variant.osSizeGiB, variant.dataSizeGiB);
  const planned = [...os.partitions, ...(data?.partitions ?? [])];
  const place = (name: keyof typeof FILES) => ({
    file: join(directory, FILES[name]),
    sizeMiB: planned.find((partition) => partition.name === name)?.sizeMiB ?? 0,
  });
  const fat = (name: keyof typeof FILES, files: ReadonlyMap<string, string>) =>
    makeFat(sdk, place(name).file, place(name).sizeMiB, files, release, name);
  await fat("BOTTLEROCKET-BOOT-A", await bootFiles(directory, inputs));
  await fat("EFI-SYSTEM", new Map([["EFI/BOOT/BOOTX64.EFI", join(inputs.boot, "bootx64.efi")]]));
  const privateDirectory = join(directory, "private");
  await makePrivateDirectory(privateDirectory, release);
  // os-image.md 1.4: many small files are expected here, hence an inode for every block
  const privateOptions = {
    directory: privateDirectory,
    arguments: ["-b", "4096", "-i", "4096", "-I", "256"],
  };
  const ext4 = (name: keyof typeof FILES, options: Parameters<typeof makeExt4>[3], purpose: string) =>
    makeExt4(sdk, place(name).file, place(name).sizeMiB, options, release, purpose);
  await ext4("BOTTLEROCKET-PRIVATE", privateOptions, "private");
  await ext4("BOTTLEROCKET-DATA", {}, "data");
}

/** Kernel, its configuration, initrd and command line: path on the boot partition → local file. */
async function bootFiles(directory: string, inputs: PartitionInputs): Promise<ReadonlyMap<string, string>> {
  const { release, packages, kernel, boot } = inputs;
  const initrd = join(directory, "initrd");
  const commandLine = join(directory, "cmdline");
  const modules = await initrdModules(packages.root, kernel);
  await writeFile(initrd, await makeInitrd(join(boot, "init"), modules, release.epoch));
  await writeFile(commandLine, `${inputs.commandLine}\n`);
  const version = await kernelVersion(packages.root);
  return new Map([
    ["vmlinuz", join(packages.root, "boot", `vmlinuz-${version}`)],
    ["config", join(packages.root, "boot", `config-${version}`)],
    ["initrd", initrd],
    ["cmdline", commandLine],
  ]);
}
