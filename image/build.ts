/** variant → root tree → hash tree → partitions → disk images. A list of named steps, cached by what goes into them. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readVariantSources, variantJson } from "../host/settings/variant-sources.ts";
import { readTrustedRoot } from "../publish/trusted-root.ts";
import { cached, ensureSdk, hashOf, type Progress } from "../sdk/index.ts";
import { compileBoot } from "./boot-programs.ts";
import { kernelCommandLine, type VerityRoot } from "./command-line.ts";
import { fail } from "./failures.ts";
import { FILES, fillPartitions } from "./fill-partitions.ts";
import { buildHostExecutable } from "./host-executable.ts";
import { planDisks } from "./layout.ts";
import { readMigrationSources } from "./migrations.ts";
import { refuseMissingPackages } from "./missing-packages.ts";
import { type OutputFiles, writeOutputs } from "./outputs.ts";
import { type KeptPackage, type PackageLists, readPackageLists } from "./package-lists.ts";
import { extractPackages } from "./packages.ts";
import { chosen, readRelease } from "./release.ts";
import { makeRootImage } from "./root-image.ts";
import { parseRootRules } from "./root-rules.ts";
import { textsBelow } from "./sources.ts";
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
  /** The file with version and date; Release.toml when absent. */
  readonly release?: string;
  /** The repository that its hosts take updates from (publish/trusted-root.ts chooses when absent). */
  readonly repo?: string;
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
 * @throws image/…, package-lists/…, host-executable/…, publish/…, sdk/… naming what is wrong and what to do
 */
export async function buildImage(variantName: string, options: BuildOptions): Promise<BuiltImage> {
  const { progress } = options;
  const sources = await readVariantSources(VARIANTS, variantName);
  const variant = sources.definition;
  await refuseMissingPackages(join(VARIANTS, "shared"), variantName, variant.packages);
  const arch = chosen("The architecture", options.arch ?? "x86_64", ARCHITECTURES);
  chosen(`The format of ${variantName}`, variant.format, FORMATS);
  const commit = await readRelease(TOP, variantName, arch, options.release);
  const release = { ...commit, buildId: options.buildId ?? commit.buildId };
  const migrations = await readMigrationSources(join(TOP, "migrations"));
  const sdk = await ensureSdk(progress);

  const trustedRoot = await progress.step("root role of the updates", async (note) => {
    const { repo, version, bytes } = await readTrustedRoot(TOP, options.repo);
    note(`of the repository ${repo}, version ${version}`);
    return bytes;
  });
  const host = await buildHostExecutable(progress, options.hostSources);
  const boot = await compileBoot(sdk, TOP, progress);
  const lists = await readPackageLists(join(VARIANTS, "shared/packages"), variant.packages);
  const kernel = kernelOf(lists);
  const packages = await extractPackages(sdk, [...lists.keys()], progress, options.refresh);
  const hostVariant = variantJson(sources, {
    arch,
    version: release.version,
    buildId: release.buildId,
  });

  const { directory: root, verity, report } = await makeRoot();
  const partitions = await makePartitions();
  const layout = planDisks(variant.plan, variant.osSizeGiB, variant.dataSizeGiB);
  const outputs = await progress.step("disk images and outputs", async (note) => {
    const files = await writeOutputs(sdk, options.out ?? join(TOP, "build/images"), release, {
      layout,
      contents: partitions,
      migrations,
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
      trustedRoot,
      ...(await textsBelow(join(VARIANTS, "shared"))),
      ...(await textsBelow(import.meta.dirname)),
    );
    const made = await cached("root", key, async (directory) => {
      const tree = join(directory, "tree");
      const report = await progress.step("root tree", async (note) => {
        await mkdir(tree);
        const { programs } = await import("../host/programs/index.ts");
        const rulesFile = join(VARIANTS, "shared/rules", `${variant.rules}.toml`);
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
          trustedRoot,
          variants: VARIANTS,
          top: TOP,
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
      ...Object.entries(FILES).map(([name, file]): [string, string] => [name, join(directory, file)]),
      ["BOTTLEROCKET-ROOT-A", join(root, "root.erofs")],
      ["BOTTLEROCKET-HASH-A", join(root, "root.verity")],
    ]);
  }
}

function kernelOf(lists: PackageLists): KeptPackage {
  const kernels = [...lists].filter(([, kept]) => kept.modules.length > 0);
  const [kernel] = kernels;
  if (kernel === undefined || kernels.length > 1) {
    throw fail("image/kernel-count", { found: kernels.map(([name]) => name) });
  }
  return kernel[1];
}
