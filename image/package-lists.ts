/** Which files of which Debian packages stay: the data files in variants/shared/packages, read and checked here. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { getStaticTOMLValue, parseTOML } from "toml-eslint-parser";
import { fail } from "./failures.ts";

/** What stays of one Debian package. */
export interface KeptPackage {
  /** Globs of the files that stay, relative to the root. */
  readonly keep: readonly string[];
  /** Links that Debian's alternatives would make at installation: `usr/bin/sh -> bash`; braces as in `keep`. */
  readonly links: readonly string[];
  /** Libraries opened by name at run time, which no executable names. */
  readonly dlopen: readonly string[];
  /** Kernel packages: globs of the modules that stay, below `kernel/`. */
  readonly modules: readonly string[];
  /** Kernel packages: globs of modules left out although `modules` names them. */
  readonly without: readonly string[];
  /** Kernel packages: names of modules that the first init always loads. */
  readonly initrd: readonly string[];
  /** Kernel packages: names of modules that the first init loads for devices that are there. */
  readonly devices: readonly string[];
}

export type PackageLists = ReadonlyMap<string, KeptPackage>;

const FIELDS = ["keep", "links", "dlopen", "modules", "without", "initrd", "devices"] as const;

/**
 * Reads and joins package lists; a package in two lists keeps what both name.
 *
 * @param directory  variants/shared/packages
 * @param names      names of lists, without `.toml`
 * @throws package-lists/bad with every mistake of all files
 */
export async function readPackageLists(directory: string, names: readonly string[]): Promise<PackageLists> {
  const lists = new Map<string, KeptPackage>();
  const problems: string[] = [];
  for (const name of names) {
    const file = join(directory, `${name}.toml`);
    const text = await readFile(file, "utf8").catch((cause) => {
      throw fail("package-lists/missing", { name, directory }, { cause });
    });
    for (const [packageName, kept] of parsePackageList(text, `${name}.toml`, problems)) {
      const before = lists.get(packageName);
      lists.set(packageName, before === undefined ? kept : joined(before, kept));
    }
  }
  if (problems.length > 0) throw fail("package-lists/bad", { problems });
  return lists;
}

/** Reads one list; adds what is wrong with it to `problems` and returns the rest. */
export function parsePackageList(text: string, file: string, problems: string[]): PackageLists {
  const lists = new Map<string, KeptPackage>();
  let value: Record<string, unknown>;
  try {
    value = getStaticTOMLValue(parseTOML(text));
  } catch (error) {
    problems.push(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    return lists;
  }
  for (const [name, table] of Object.entries(value)) {
    if (typeof table !== "object" || table === null || Array.isArray(table)) {
      problems.push(`${file}: ${name} is not a table; accepted: [package] with ${FIELDS.join(", ")}`);
      continue;
    }
    const kept = new Map<Field, readonly string[]>();
    for (const [field, list] of Object.entries(table)) {
      if (!isField(field))
        problems.push(`${file}: ${name}.${field} is unknown; accepted: ${FIELDS.join(", ")}`);
      else if (!isTexts(list)) problems.push(`${file}: ${name}.${field} is not a list of text`);
      else kept.set(field, list);
    }
    lists.set(
      name,
      ofFields((field) => kept.get(field) ?? []),
    );
  }
  return lists;
}

type Field = (typeof FIELDS)[number];

function isField(text: string): text is Field {
  return FIELDS.some((field) => field === text);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function joined(a: KeptPackage, b: KeptPackage): KeptPackage {
  return ofFields((field) => [...a[field], ...b[field]]);
}

function ofFields(listOf: (field: Field) => readonly string[]): KeptPackage {
  // An entry for each field was made just here.
  return Object.fromEntries(FIELDS.map((field) => [field, listOf(field)])) as Record<
    Field,
    readonly string[]
  >;
}

/** A package of which nothing stays. */
export const nothingKept = ofFields(() => []);
