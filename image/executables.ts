/**
 * What can be run on a host: the executables of a root tree, and whether somebody decided for each that it is there.
 *
 * A program is *named* when a package list has its whole path (a brace is only shorthand, a glob names nothing), when it
 * is a file of a unit set's own, or when it is one of the host's programs. Libraries follow by themselves and are not
 * meant to be run; everything else that can be is somebody's decision.
 */
import { lstat, open, readdir, realpath } from "node:fs/promises";
import { join, relative } from "node:path";
import { expandBraces, matcher } from "./globs.ts";
import type { PackageLists } from "./package-lists.ts";
import type { ExtractedPackage } from "./packages.ts";
import { selectLinks } from "./select.ts";

export interface Executable {
  /** Relative to the root. */
  readonly path: string;
  /** A link to a program is one more name under which it can be run. */
  readonly kind: "program" | "script" | "link";
  /** What a script names in its first line. */
  readonly interpreter: string | undefined;
}

const ELF = "\x7fELF";
const IS_LIBRARY = /\.so(\.[\d.]+)?$/;

/** All of them, sorted by path. A script counts whatever its mode is: its interpreter would read it. */
export async function executablesIn(tree: string): Promise<readonly Executable[]> {
  const { files, links } = await filesBelow(tree);
  const found: Executable[] = [];
  for (const file of files) {
    const executable = await executableAt(file, relative(tree, file));
    if (executable !== undefined) found.push(executable);
  }
  const programs = new Set(found.map(({ path }) => path));
  for (const link of links) {
    // A link to /etc or into a file system that is mounted later leads nowhere here.
    const end = await realpath(link).catch(() => undefined);
    if (end !== undefined && programs.has(relative(await realpath(tree), end)))
      found.push({ path: relative(tree, link), kind: "link", interpreter: undefined });
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Not with readdir's own recursion, which goes through links: /bin would be another directory of programs. */
async function filesBelow(directory: string): Promise<{ files: string[]; links: string[] }> {
  const below: { files: string[]; links: string[] } = { files: [], links: [] };
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isSymbolicLink()) below.links.push(path);
    else if (entry.isFile()) below.files.push(path);
    else if (entry.isDirectory()) {
      const { files, links } = await filesBelow(path);
      below.files.push(...files);
      below.links.push(...links);
    }
  }
  return below;
}

async function executableAt(file: string, path: string): Promise<Executable | undefined> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(256), 0, 256, 0);
    const start = buffer.subarray(0, bytesRead);
    const interpreter = interpreterOf(start);
    if (interpreter !== undefined) return { path, kind: "script", interpreter };
    if (((await lstat(file)).mode & 0o111) === 0) return undefined;
    if (start.toString("latin1").startsWith(ELF) && IS_LIBRARY.test(path)) return undefined;
    return { path, kind: "program", interpreter };
  } finally {
    await handle.close();
  }
}

/** The interpreter a script names in its first line. */
function interpreterOf(start: Uint8Array): string | undefined {
  return /^#!\s*(\S+)/.exec(Buffer.from(start).toString("latin1"))?.[1];
}

/**
 * The paths that the package lists name one by one: of files that stay, and of links that are made.
 *
 * @returns paths relative to the root
 */
export function pathsNamedByLists(lists: PackageLists): ReadonlySet<string> {
  const kept = [...lists.values()].flatMap(({ keep }) => keep.flatMap(expandBraces));
  return new Set([...kept.filter((path) => !path.includes("*")), ...selectLinks(lists).links.keys()]);
}

/**
 * Says of each executable that is not named where it comes from.
 *
 * @param named  all paths that are
 */
export function unnamedExecutables(
  executables: readonly Executable[],
  named: ReadonlySet<string>,
  lists: PackageLists,
  packages: readonly ExtractedPackage[],
): readonly string[] {
  return executables
    .filter(({ path }) => !named.has(path))
    .map(({ path, kind }) => `${path} (a ${kind}): ${originOf(path, lists, packages)}`);
}

function originOf(path: string, lists: PackageLists, packages: readonly ExtractedPackage[]): string {
  const from = packages.find(({ files }) => files.includes(path));
  if (from === undefined) return "from no package; the build itself put it there";
  const globs = (lists.get(from.name)?.keep ?? [])
    .flatMap(expandBraces)
    .filter((glob) => matcher(glob)(path));
  const because = globs.length === 0 ? "as something that another file needs" : `by the glob ${globs[0]}`;
  return `from the package ${from.name}, kept ${because}`;
}
