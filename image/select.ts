/** Decides which files of the extracted packages go into the image. */
import { expandBraces, matcher } from "./globs.ts";
import type { PackageLists } from "./package-lists.ts";
import type { ExtractedPackage } from "./packages.ts";

export interface Selection {
  /** Paths relative to the root, sorted. */
  readonly files: readonly string[];
  /** `package: pattern` for each alternative that names no file. */
  readonly unmatched: readonly string[];
}

/** The files that the lists' `keep` globs name; every alternative of every glob must name at least one. */
export function selectFiles(lists: PackageLists, packages: readonly ExtractedPackage[]): Selection {
  const files = new Set<string>();
  const unmatched: string[] = [];
  for (const [name, kept] of lists) {
    const available = packages.find((each) => each.name === name)?.files ?? [];
    for (const pattern of kept.keep.flatMap(expandBraces)) {
      const matches = available.filter(matcher(pattern));
      if (matches.length === 0) unmatched.push(`${name}: ${pattern}`);
      for (const file of matches) files.add(file);
    }
  }
  return { files: [...files].sort(), unmatched };
}

/**
 * The links that the lists' `links` ask for.
 *
 * @returns path of the link → what it leads to; entries that are no `PATH -> TARGET`
 */
export function selectLinks(lists: PackageLists): {
  links: ReadonlyMap<string, string>;
  unreadable: readonly string[];
} {
  const links = new Map<string, string>();
  const unreadable: string[] = [];
  for (const [name, { links: entries }] of lists) {
    for (const entry of entries) {
      const [, paths, target] = /^(\S+) -> (\S+)$/.exec(entry) ?? [];
      if (paths === undefined || target === undefined) unreadable.push(`${name}: ${entry}`);
      else for (const path of expandBraces(paths)) links.set(path, target);
    }
  }
  return { links, unreadable };
}

/**
 * The kernel modules that stay, and all they depend on.
 *
 * @param modules       paths below `kernel/`, as in modules.dep
 * @param dependencies  modules.dep: path → paths it needs
 */
export function selectModules(
  globs: { readonly modules: readonly string[]; readonly without: readonly string[] },
  dependencies: ReadonlyMap<string, readonly string[]>,
): { modules: readonly string[]; unmatched: readonly string[] } {
  const all = [...dependencies.keys()];
  const without = globs.without.flatMap(expandBraces).map((pattern) => matcher(`kernel/${pattern}`));
  const unmatched: string[] = [];
  const wanted = new Set<string>();
  for (const pattern of globs.modules.flatMap(expandBraces)) {
    const matches = all.filter(matcher(`kernel/${pattern}`));
    if (matches.length === 0) unmatched.push(pattern);
    for (const module of matches) if (!without.some((matches) => matches(module))) wanted.add(module);
  }
  return { modules: withDependencies([...wanted], dependencies), unmatched };
}

/** Modules with everything they need, each after what it needs. */
export function withDependencies(
  modules: readonly string[],
  dependencies: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const ordered = new Set<string>();
  const visit = (module: string) => {
    if (ordered.has(module)) return;
    for (const needed of dependencies.get(module) ?? []) if (needed !== module) visit(needed);
    ordered.add(module);
  };
  for (const module of [...modules].sort()) visit(module);
  return [...ordered];
}

/** Reads modules.dep: `path: path path …` a line. */
export function parseModuleDependencies(text: string): ReadonlyMap<string, readonly string[]> {
  const dependencies = new Map<string, readonly string[]>();
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    if (colon === -1) continue;
    const needed = line.slice(colon + 1).trim();
    dependencies.set(line.slice(0, colon), needed === "" ? [] : needed.split(" "));
  }
  return dependencies;
}

/** The name a module is asked for by: its file name without suffix, dashes as underscores. */
export function moduleName(path: string): string {
  return path
    .replace(/^.*\//, "")
    .replace(/\.ko(\.\w+)?$/, "")
    .replaceAll("-", "_");
}
