/** variant → root tree → hash tree → partitions → disk images. A list of named steps, cached by what goes into them. */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readVariantSources, type VariantDefinition, variantJson } from "../host/settings/variant-sources.ts";
import { cached, ensureSdk, hashOf, type Progress, type Sdk } from "../sdk/index.ts";
import { kernelCommandLine, type VerityRoot } from "./command-line.ts";
import { fail } from "./failures.ts";
import { buildHostExecutable } from "./host-executable.ts";
import type { Release } from "./identity.ts";
import { initrdModules, kernelVersion } from "./kernel.ts";
import { planDisks } from "./layout.ts";
import { type OutputFiles, writeOutputs } from "./outputs.ts";
import { type KeptPackage, type PackageLists, readPackageLists } from "./package-lists.ts";
import { type ExtractedPackages, extractPackages } from "./packages.ts";
import { makeExt4, makeFat, makeInitrd, makePrivateDirectory } from "./partitions.ts";
import { chosen, readRelease } from "./release.ts";
import { makeRootImage } from "./root-image.ts";
import { parseRootRules } from "./root-rules.ts";
import { makeTree, type TreeReport } from "./tree.ts";

const TOP = join(import.meta.dirname, "..");
const VARIANTS = join(TOP, "variants");

// What can be built; the specification names more.
const ARCHITECTURES = ["x86_64"] as const;
const FORMATS = ["raw"] as const;

export interface BuildOptions {
  readonly arch?: string;
  /** Where the output directory is made; build/images when absent. */
  readonly out?: string;
  readonly progress: Progress;
  /** Ask the mirror for newer packages. */
  readonly refresh?: boolean;
  /** Names the build in place of the commit: for building the same twice while the work tree changes. */
  readonly buildId?: string;
  /** Where main.ts of the host executable is; host/ when absent. */
  readonly hostSources?: string;
}

export interface BuiltImage extends OutputFiles {
  readonly variant: string;
  readonly version: string;
  readonly buildId: string;
  readonly rootHash: string;
  readonly report: TreeReport;
}

/**
 * Builds the disk images of a variant and everything beside them.
 *
 * @throws image/…, package-lists/…, host-executable/…, sdk/… naming what is wrong and what to do
 */
export async function buildImage(variantName: string, options: BuildOptions): Promise<BuiltImage> {
  const { progress } = options;
  const sources = await readVariantSources(VARIANTS, variantName);
  const variant = sources.definition;
  const arch = chosen("The architecture", options.arch ?? "x86_64", ARCHITECTURES);
  chosen(`The format of ${variantName}`, variant.format, FORMATS);
  const commit = await readRelease(TOP, variantName, arch);
  const release = { ...commit, buildId: options.buildId ?? commit.buildId };
  const sdk = await ensureSdk(progress);

  const host = await buildHostExecutable(progress, options.hostSources);
  const boot = await compileBoot(sdk, progress);
  const lists = await readPackageLists(join(VARIANTS, "shared/packages"), variant.packages);
  const kernel = kernelOf(lists);
  const packages = await extractPackages(sdk, [...lists.keys()], progress, options.refresh);
  const hostVariant = variantJson(sources, {
    arch,
    version: release.version,
    buildId: release.buildId,
    kernelCommandLine: variant.kernelParameters.join(" "),
  });

  const { directory: root, verity, report } = await makeRoot();
  const partitions = await makePartitions();
  const layout = planDisks(variant.plan, variant.osSizeGiB, variant.dataSizeGiB);
  const outputs = await progress.step("disk images and outputs", async (note) => {
    const files = await writeOutputs(sdk, options.out ?? join(TOP, "build/images"), release, {
      layout,
      contents: partitions,
    });
    note(files.directory);
    return files;
  });
  const { version, buildId } = release;
  return { ...outputs, variant: variantName, version, buildId, rootHash: verity.rootHash, report };

  async function makeRoot(): Promise<{ directory: string; verity: VerityRoot; report: TreeReport }> {
    const key = hashOf(
      sdk.hash,
      host.key,
      packages.key,
      JSON.stringify([release, variant, [...lists]]),
      hostVariant,
      ...(await textsBelow(join(VARIANTS, "shared"))),
      ...(await textsBelow(import.meta.dirname)),
    );
    const made = await cached("root", key, async (directory) => {
      const tree = join(directory, "tree");
      const report = await progress.step("root tree", async (note) => {
        await mkdir(tree);
        const { programs } = await import("../host/programs/index.ts");
        const rulesFile = join(VARIANTS, "shared/rules", `${rulesOf(variantName)}.toml`);
        const report = await makeTree(sdk, tree, {
          release,
          lists,
          kernel,
          packages,
          host,
          programs: [...programs.keys()],
          sets: variant.units,
          rules: parseRootRules(await readFile(rulesFile, "utf8"), rulesFile),
          variantJson: hostVariant,
          variants: VARIANTS,
        });
        note(
          `${report.packages} packages, ${report.executables} executables, ${report.modules} kernel modules`,
        );
        return report;
      });
      const verity = await progress.step("root file system and hash tree", () =>
        makeRootImage(sdk, tree, directory, release),
      );
      await rm(tree, { recursive: true });
      await writeFile(join(directory, "report.json"), JSON.stringify({ verity, report }));
    });
    const { verity, report } = JSON.parse(await readFile(join(made, "report.json"), "utf8"));
    return { directory: made, verity, report };
  }

  async function makePartitions(): Promise<ReadonlyMap<string, string>> {
    const commandLine = kernelCommandLine(variant.kernelParameters, variant.bootConfig, verity);
    const key = hashOf(
      sdk.hash,
      boot.key,
      root,
      commandLine,
      JSON.stringify([release, variant, kernel]),
      packages.key,
      ...(await textsBelow(import.meta.dirname)),
    );
    const directory = await cached("partitions", key, (unfinished) =>
      progress.step("boot, EFI, private and data partitions", () =>
        fillPartitions(sdk, unfinished, {
          variant,
          release,
          commandLine,
          packages,
          kernel,
          boot: boot.directory,
        }),
      ),
    );
    return new Map([
      ["EFI-SYSTEM", join(directory, "efi.fat")],
      ["BOTTLEROCKET-BOOT-A", join(directory, "boot.fat")],
      ["BOTTLEROCKET-ROOT-A", join(root, "root.erofs")],
      ["BOTTLEROCKET-HASH-A", join(root, "root.verity")],
      ["BOTTLEROCKET-PRIVATE", join(directory, "private.ext4")],
      ["BOTTLEROCKET-DATA", join(directory, "data.ext4")],
    ]);
  }
}

interface PartitionInputs {
  readonly variant: VariantDefinition;
  readonly release: Release;
  readonly commandLine: string;
  readonly packages: ExtractedPackages;
  readonly kernel: KeptPackage;
  /** Directory with the compiled boot selector and first init. */
  readonly boot: string;
}

async function fillPartitions(sdk: Sdk, directory: string, inputs: PartitionInputs): Promise<void> {
  const { variant, release, packages } = inputs;
  const { os, data } = planDisks(variant.plan, variant.osSizeGiB, variant.dataSizeGiB);
  const sizeOf = (name: string) =>
    [...os.partitions, ...(data?.partitions ?? [])].find((partition) => partition.name === name)?.sizeMiB ??
    0;
  const modules = await initrdModules(packages.root, inputs.kernel);
  const initrd = join(directory, "initrd");
  const commandLine = join(directory, "cmdline");
  await writeFile(initrd, await makeInitrd(join(inputs.boot, "init"), modules, release.epoch));
  await writeFile(commandLine, `${inputs.commandLine}\n`);
  const version = await kernelVersion(packages.root);
  const bootFiles = new Map([
    ["vmlinuz", join(packages.root, "boot", `vmlinuz-${version}`)],
    ["config", join(packages.root, "boot", `config-${version}`)],
    ["initrd", initrd],
    ["cmdline", commandLine],
  ]);
  const efiFiles = new Map([["EFI/BOOT/BOOTX64.EFI", join(inputs.boot, "bootx64.efi")]]);
  const fat = (file: string, name: string, files: ReadonlyMap<string, string>) =>
    makeFat(sdk, join(directory, file), sizeOf(name), files, release, name);
  await fat("boot.fat", "BOTTLEROCKET-BOOT-A", bootFiles);
  await fat("efi.fat", "EFI-SYSTEM", efiFiles);
  const privateDirectory = join(directory, "private");
  await makePrivateDirectory(privateDirectory, release);
  // os-image.md 1.4: many small files are expected here, hence an inode for every block
  const privateOptions = {
    directory: privateDirectory,
    arguments: ["-b", "4096", "-i", "4096", "-I", "256"],
  };
  const privateMiB = sizeOf("BOTTLEROCKET-PRIVATE");
  await makeExt4(sdk, join(directory, "private.ext4"), privateMiB, privateOptions, release, "private");
  await makeExt4(sdk, join(directory, "data.ext4"), sizeOf("BOTTLEROCKET-DATA"), {}, release, "data");
}

async function compileBoot(sdk: Sdk, progress: Progress): Promise<{ directory: string; key: string }> {
  const sources = join(TOP, "boot");
  const key = hashOf(sdk.hash, ...(await textsBelow(sources)));
  const directory = await cached("boot", key, (unfinished) =>
    progress.step("boot selector and first init", async () => {
      await sdk.run(["make", "-C", sources, `SRC=${sources}`, `OUT=${unfinished}`], {
        readable: [sources],
        writable: [unfinished],
      });
    }),
  );
  return { directory, key };
}

/** Development variants are those whose name says so (os-image.md 2.6). */
function rulesOf(variantName: string): string {
  return variantName.endsWith("-dev") ? "development" : "production";
}

function kernelOf(lists: PackageLists): KeptPackage {
  const kernels = [...lists].filter(([, kept]) => kept.modules.length > 0);
  const [kernel] = kernels;
  if (kernel === undefined || kernels.length > 1) {
    throw fail("image/kernel-count", { found: kernels.map(([name]) => name) });
  }
  return kernel[1];
}

/** Names and contents of all files below a directory, tests left out, in a fixed order. */
async function textsBelow(directory: string): Promise<readonly (string | Uint8Array)[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const texts: (string | Uint8Array)[] = [];
  for (const file of files) texts.push(file.slice(directory.length), await readFile(file));
  return texts;
}
