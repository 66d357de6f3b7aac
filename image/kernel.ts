/** The kernel's modules on the root and in the initrd. */
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Sdk } from "../sdk/index.ts";
import { fail } from "./failures.ts";
import type { KeptPackage } from "./package-lists.ts";
import { moduleName, parseModuleDependencies, selectModules, withDependencies } from "./select.ts";

/** Version of the one kernel among the extracted packages. */
export async function kernelVersion(packagesRoot: string): Promise<string> {
  const versions = await readdir(join(packagesRoot, "usr/lib/modules"));
  const [version] = versions;
  if (version === undefined || versions.length > 1) throw fail("image/kernel-count", { found: versions });
  return version;
}

/**
 * Copies the modules that stay into the tree and indexes them.
 *
 * @throws package-lists/no-match for globs that name no module
 */
export async function installModules(
  sdk: Sdk,
  tree: string,
  packagesRoot: string,
  kept: KeptPackage,
): Promise<number> {
  const version = await kernelVersion(packagesRoot);
  const from = join(packagesRoot, "usr/lib/modules", version);
  const to = join(tree, "usr/lib/modules", version);
  const dependencies = parseModuleDependencies(await readFile(join(from, "modules.dep"), "utf8"));
  const { modules, unmatched } = selectModules(kept, dependencies);
  if (unmatched.length > 0) throw fail("package-lists/no-match", { patterns: unmatched });
  for (const module of modules) {
    await mkdir(dirname(join(to, module)), { recursive: true });
    await copyFile(join(from, module), join(to, module));
  }
  for (const index of ["modules.builtin", "modules.builtin.modinfo", "modules.order"]) {
    await copyFile(join(from, index), join(to, index));
  }
  await sdk.run(["depmod", "--basedir", tree, "--moduledir", "/usr/lib/modules", version], {
    writable: [tree],
  });
  await writeFile(
    join(tree, "usr/lib/tmpfiles.d/static-nodes.conf"),
    staticNodes(await readFile(join(to, "modules.devname"), "utf8")),
  );
  return modules.length;
}

/**
 * Device nodes whose modules are loaded when somebody opens them, as tmpfiles rules.
 *
 * At boot kmod-static-nodes.service would make the same from the same file; it never changes, so it is made here.
 *
 * @param text  modules.devname: `module name c10:200` a line
 */
export function staticNodes(text: string): string {
  const rules = text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .flatMap((line) => {
      const [, name, device] = line.split(" ");
      const match = /^([bc])(\d+):(\d+)$/.exec(device ?? "");
      if (name === undefined || match === null) return [];
      const directory = name.includes("/") ? [`d /dev/${dirname(name)} 0755 - - -`] : [];
      return [...directory, `${match[1]}! /dev/${name} 0600 - - - ${match[2]}:${match[3]}`];
    });
  return `# made at build from modules.devname\n${[...new Set(rules)].join("\n")}\n`;
}

/** The modules of the initrd and when the first init loads which. */
export interface InitrdModules {
  /** Files of all modules. */
  readonly files: readonly string[];
  /** Text of `modules.list`: a path is always loaded, `PATTERN PATH…` for a device whose modalias matches. */
  readonly list: string;
}

/**
 * Decides what the first init loads; built-in modules are left out, and each comes after what it needs.
 *
 * @throws image/no-such-module naming every name that is neither a module nor built in
 */
export async function initrdModules(packagesRoot: string, kept: KeptPackage): Promise<InitrdModules> {
  const from = join(packagesRoot, "usr/lib/modules", await kernelVersion(packagesRoot));
  const dependencies = parseModuleDependencies(await readFile(join(from, "modules.dep"), "utf8"));
  const byName = new Map([...dependencies.keys()].map((path) => [moduleName(path), path]));
  const builtIn = new Set(
    (await readFile(join(from, "modules.builtin"), "utf8")).split("\n").filter(Boolean).map(moduleName),
  );
  const names = [...kept.initrd, ...kept.devices].map((name) => name.replaceAll("-", "_"));
  const missing = names.filter((name) => !byName.has(name) && !builtIn.has(name));
  if (missing.length > 0) throw fail("image/no-such-module", { names: missing });
  const paths = (wanted: readonly string[]) =>
    withDependencies(
      wanted.flatMap((name) => byName.get(name.replaceAll("-", "_")) ?? []),
      dependencies,
    );
  const inInitrd = (path: string) => `/modules/${basename(path)}`;
  const always = paths(kept.initrd);
  const aliases = parseAliases(await readFile(join(from, "modules.alias"), "utf8"));
  const conditional = kept.devices.flatMap((name) => {
    const needed = paths([name]).filter((path) => !always.includes(path));
    const patterns = aliases.get(name.replaceAll("-", "_")) ?? [];
    return needed.length === 0
      ? []
      : patterns.map((pattern) => `${pattern} ${needed.map(inInitrd).join(" ")}`);
  });
  const lines = [...always.map(inInitrd), ...conditional];
  return {
    files: [...new Set([...always, ...paths(kept.devices)])].map((path) => join(from, path)),
    list: `${lines.join("\n")}\n`,
  };
}

/** Reads modules.alias: `alias PATTERN NAME` a line → patterns by name. */
export function parseAliases(text: string): ReadonlyMap<string, readonly string[]> {
  const aliases = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [word, pattern, name] = line.split(" ");
    if (word !== "alias" || pattern === undefined || name === undefined || !pattern.includes(":")) continue;
    aliases.set(name.replaceAll("-", "_"), [...(aliases.get(name.replaceAll("-", "_")) ?? []), pattern]);
  }
  return aliases;
}
