/** Puts the root tree of an image together: packages' files, kernel modules, units, host programs, generated files. */
import { copyFile, cp, lstat, mkdir, readdir, readlink, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { exists, type Sdk } from "../sdk/index.ts";
import { takeAuthorities } from "./authorities.ts";
import { type Executable, executablesIn, pathsNamedByLists, unnamedExecutables } from "./executables.ts";
import { fail } from "./failures.ts";
import type { HostExecutable } from "./host-executable.ts";
import type { Release } from "./identity.ts";
import { applicationInventory, spdxDocument } from "./inventory.ts";
import { installModules } from "./kernel.ts";
import { neededLibraries } from "./libraries.ts";
import { writeLicences } from "./licences.ts";
import { settleModes } from "./modes.ts";
import { type OwnPart, ownParts } from "./own-parts.ts";
import type { KeptPackage, PackageLists } from "./package-lists.ts";
import type { ExtractedPackages } from "./packages.ts";
import { checkRoot, type RootRules } from "./root-rules.ts";
import { selectFiles, selectLinks } from "./select.ts";
import { installTemplates } from "./templates.ts";
import { installUnits } from "./units.ts";

export interface TreeInputs {
  readonly release: Release;
  readonly lists: PackageLists;
  readonly kernel: KeptPackage;
  readonly packages: ExtractedPackages;
  readonly host: HostExecutable;
  /** Names under which the host executable is started. */
  readonly programs: readonly string[];
  /** Names of unit and file sets. */
  readonly sets: readonly string[];
  readonly rules: RootRules;
  /** The variant's checked content for the host. */
  readonly variantJson: string;
  /** The root role whose updates the hosts take. */
  readonly trustedRoot: Uint8Array;
  readonly variants: string;
  /** The repository. */
  readonly top: string;
}

export interface TreeReport {
  readonly executables: number;
  readonly modules: number;
  readonly packages: number;
}

/** Empty directories that other things are mounted on or put into at run time (os-image.md 2.1). */
const DIRECTORIES = [
  "boot", "dev", "proc", "run", "sys", "tmp", "home", "local", "media/cdrom", "mnt", "opt", "srv", "root/.aws", "etc",
  "var", "usr/share/templates", "usr/share/bottlerocket", "usr/libexec/cni/bin", "usr/src/kernels",
]; // biome-ignore format: a table of names

/**
 * Fills an empty directory with the root tree.
 *
 * @throws package-lists/…, image/… naming every mistake found
 */
export async function makeTree(sdk: Sdk, tree: string, inputs: TreeInputs): Promise<TreeReport> {
  for (const directory of DIRECTORIES) await mkdir(join(tree, directory), { recursive: true });
  for (const name of ["bin", "sbin", "lib", "lib64"]) await symlink(`usr/${name}`, join(tree, name));
  const files = await copyPackages(tree, inputs);
  const modules = await installModules(sdk, tree, inputs.packages.root, inputs.kernel);
  for (const set of inputs.sets) {
    const own = join(inputs.variants, "shared/files", set);
    if (await exists(own)) await cp(own, tree, { recursive: true, force: true, verbatimSymlinks: true });
  }
  await installUnits(tree, join(inputs.variants, "shared/units"), inputs.sets);
  await installHost(tree, inputs);
  await writeGenerated(tree, inputs);
  const used = usedPackages(inputs.packages, files);
  const parts = await ownParts(sdk, inputs.top, inputs.release);
  await writeInventories(tree, inputs, used, parts);
  await writeLicences(tree, inputs.packages.root, used, parts);
  await settleModes(tree);
  const executables = await executablesIn(tree);
  await checkRoot(tree, executables, inputs.rules);
  await refuseUnnamed(executables, inputs);
  const programs = executables.filter(({ kind }) => kind !== "link").length;
  return { executables: programs, modules, packages: used.length };
}

/** @throws image/unnamed-executables with all that nobody decided on */
async function refuseUnnamed(executables: readonly Executable[], inputs: TreeInputs): Promise<void> {
  const named = await namedExecutables(inputs);
  const problems = unnamedExecutables(executables, named, inputs.lists, inputs.packages.packages);
  if (problems.length > 0) throw fail("image/unnamed-executables", { problems });
}

/** The paths of everything that may be run: named by the package lists, of the unit sets' own, the host's programs. */
export async function namedExecutables(
  inputs: Pick<TreeInputs, "lists" | "sets" | "programs" | "variants">,
): Promise<ReadonlySet<string>> {
  const own = inputs.sets.map(async (set) => {
    const directory = join(inputs.variants, "shared/files", set);
    return (await exists(directory)) ? await readdir(directory, { recursive: true }) : [];
  });
  return new Set([
    ...pathsNamedByLists(inputs.lists),
    ...(await Promise.all(own)).flat(),
    ...["pinwheel-host", ...inputs.programs].map((name) => `usr/bin/${name}`),
  ]);
}

/** Copies the listed files and the libraries they need; files below etc/ become part of the factory tree. */
async function copyPackages(tree: string, inputs: TreeInputs): Promise<ReadonlySet<string>> {
  const { files, unmatched } = selectFiles(withoutKernel(inputs), inputs.packages.packages);
  if (unmatched.length > 0) throw fail("package-lists/no-match", { patterns: unmatched });
  const dlopen = [...inputs.lists.values()].flatMap((kept) => kept.dlopen);
  const libraries = await neededLibraries(inputs.packages.root, files, dlopen);
  const all = new Set([...files, ...libraries]);
  for (const file of all) {
    const from = join(inputs.packages.root, file);
    const to = join(tree, file.startsWith("etc/") ? `usr/share/factory/${file}` : file);
    await mkdir(dirname(to), { recursive: true });
    const about = await lstat(from);
    if (about.isSymbolicLink()) {
      await symlink(await readlink(from), to);
    } else {
      await copyFile(from, to);
    }
  }
  const { links, unreadable } = selectLinks(inputs.lists);
  if (unreadable.length > 0) throw fail("package-lists/bad-links", { entries: unreadable });
  for (const [path, target] of links) await symlink(target, join(tree, path));
  await checkLinks(tree, [...all, ...links.keys()]);
  return all;
}

/** The kernel image goes to the boot partition and its modules are chosen by other globs. */
function withoutKernel(inputs: TreeInputs): PackageLists {
  return new Map([...inputs.lists].filter(([, kept]) => kept !== inputs.kernel));
}

async function checkLinks(tree: string, files: readonly string[]): Promise<void> {
  const broken: string[] = [];
  for (const file of files) {
    if (file.startsWith("etc/")) continue;
    const path = join(tree, file);
    if (!(await lstat(path)).isSymbolicLink()) continue;
    const target = await readlink(path);
    const end = target.startsWith("/") ? join(tree, target) : join(dirname(path), target);
    if (!(await exists(end)) && !target.startsWith("/etc/alternatives")) broken.push(`${file} → ${target}`);
  }
  if (broken.length > 0) throw fail("image/broken-links", { links: broken });
}

async function installHost(tree: string, inputs: TreeInputs): Promise<void> {
  const { directory } = inputs.host;
  await copyFile(join(directory, "bin/pinwheel-host"), join(tree, "usr/bin/pinwheel-host"));
  await mkdir(join(tree, "usr/lib/pinwheel"), { recursive: true });
  for (const name of await readdir(join(directory, "lib/pinwheel"))) {
    await copyFile(join(directory, "lib/pinwheel", name), join(tree, "usr/lib/pinwheel", name));
  }
  for (const program of inputs.programs) {
    if (program !== "pinwheel-host") await symlink("pinwheel-host", join(tree, "usr/bin", program));
  }
  await writeFile(join(tree, "usr/lib/pinwheel/variant.json"), inputs.variantJson);
  await installTemplates(join(inputs.variants, "shared/templates"), inputs.variantJson, tree);
}

async function writeGenerated(tree: string, inputs: TreeInputs): Promise<void> {
  const { release } = inputs;
  await writeFile(join(tree, "usr/lib/os-release"), osRelease(release));
  await mkdir(join(tree, "usr/share/updog"));
  await writeFile(join(tree, "usr/share/updog/root.json"), inputs.trustedRoot);
  const etc = join(tree, "usr/share/factory/etc");
  await symlink("../usr/lib/os-release", join(etc, "os-release"));
  await symlink("../proc/self/mounts", join(etc, "mtab"));
  // Empty, not absent: absent would make every boot a "first boot" with presets and first-boot units.
  await writeFile(join(etc, "machine-id"), "");
  await mkdir(join(etc, "pki/tls/certs"), { recursive: true });
  await mkdir(join(etc, "ssl"), { recursive: true });
  await symlink("../pki/tls/certs", join(etc, "ssl/certs"));
  await writeFile(join(etc, "pki/tls/certs/ca-bundle.crt"), await takeAuthorities(tree));
  // The name under which programs built for Debian, and those in Go, look for it in /etc/ssl/certs.
  await symlink("ca-bundle.crt", join(etc, "pki/tls/certs/ca-certificates.crt"));
}

/** os-image.md 2.1; the names are our own. */
export function osRelease(release: Release): string {
  const { variant, version, buildId } = release;
  return [
    "NAME=Pinwheel",
    "ID=pinwheel",
    "ID_LIKE=bottlerocket",
    `VERSION="${version} (${variant})"`,
    `PRETTY_NAME="Pinwheel OS ${version} (${variant})"`,
    `VARIANT_ID=${variant}`,
    `VERSION_ID=${version}`,
    `BUILD_ID=${buildId}`,
    'HOME_URL="https://pinwheel.example/"',
    'SUPPORT_URL="https://pinwheel.example/support"',
    'BUG_REPORT_URL="https://pinwheel.example/issues"',
    "",
  ].join("\n");
}

function usedPackages(packages: ExtractedPackages, files: ReadonlySet<string>) {
  return packages.packages.filter(
    (each) => each.name.startsWith("linux-image-") || each.files.some((file) => files.has(file)),
  );
}

async function writeInventories(
  tree: string,
  inputs: TreeInputs,
  used: ExtractedPackages["packages"],
  own: readonly OwnPart[],
): Promise<void> {
  const directory = join(tree, "usr/share/bottlerocket");
  await writeFile(
    join(directory, "application-inventory.json"),
    applicationInventory(inputs.release, used, own),
  );
  await writeFile(join(directory, "inventory.spdx.json"), spdxDocument(inputs.release, used, own));
}
