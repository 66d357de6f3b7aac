/** Finds the libraries that the image's executables need, so that no list has to name them. */
import { lstat, readFile, readlink } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { readElfNeeds } from "./elf.ts";
import { fail } from "./failures.ts";

const LIBRARIES = "usr/lib/x86_64-linux-gnu";

/**
 * Everything needed by these files, links included.
 *
 * @param root    the extracted packages
 * @param files   paths relative to the root that are in the image already
 * @param dlopen  names of libraries opened at run time
 * @returns the paths to add, sorted
 * @throws image/library-missing naming the library and who needs it
 */
export async function neededLibraries(
  root: string,
  files: readonly string[],
  dlopen: readonly string[],
): Promise<readonly string[]> {
  const have = new Set(files);
  const added = new Set<string>();
  const queue = [...files];
  const missing: string[] = [];
  const add = (path: string) => {
    if (have.has(path)) return;
    have.add(path);
    added.add(path);
    queue.push(path);
  };
  const find = async (name: string, directories: readonly string[], neededBy: string) => {
    for (const directory of directories) {
      const path = normalize(join(directory, name));
      if ((await lstat(join(root, path)).catch(() => undefined)) !== undefined) return add(path);
    }
    missing.push(`${name}, needed by ${neededBy}`);
  };
  for (const name of dlopen) await find(name, [LIBRARIES], "a package list's dlopen");
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const about = await lstat(join(root, path));
    if (about.isSymbolicLink()) {
      const target = await readlink(join(root, path));
      // Only links between libraries are followed: others are entries of the lists like any file.
      if (path.includes(".so"))
        add(normalize(target.startsWith("/") ? target.slice(1) : join(dirname(path), target)));
      continue;
    }
    const needs = readElfNeeds(await readFile(join(root, path)));
    if (needs === undefined) continue;
    const ownPath = needs.searchPath.map((entry) =>
      entry.replace("$ORIGIN", dirname(path)).replace(/^\//, ""),
    );
    // A library's private neighbours are found because the executable's own search path has loaded them already.
    for (const name of needs.libraries)
      await find(name, [...ownPath, LIBRARIES, dirname(path), "usr/lib64"], path);
  }
  if (missing.length > 0) throw fail("image/library-missing", { libraries: missing });
  return [...added].sort();
}
