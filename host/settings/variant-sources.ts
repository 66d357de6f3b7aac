/**
 * Reads what a variant is made of in the source tree: variants/NAME/variant.toml (its fields are listed in
 * variant-definition.ts), the sets of groups in variants/shared/groups and the fragments of
 * variants/shared/defaults that it names. Used by the build and by
 * tests, never on a host. Everything wrong is told at once.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { listIfExists, readTextIfExists } from "../linux/files.ts";
import { checkNode } from "./check.ts";
import { fail, type Mistake } from "./failures.ts";
import type { GroupName } from "./groups/index.ts";
import { type Fragment, mergeDefaults } from "./merge-defaults.ts";
import { buildModel, declarationOf } from "./model.ts";
import { isTable, type Json, type JsonTable, type Problem, type SourceTable } from "./source.ts";
import { TableReader } from "./table-reader.ts";
import { parseTomlSource } from "./toml-source.ts";
import { loadVariant, type Variant } from "./variant.ts";
import {
  type Architecture,
  type GroupSets,
  readDefinition,
  readGroupSet,
  type VariantDefinition,
} from "./variant-definition.ts";
import { variantMistakes } from "./variant-rules.ts";

export type { VariantDefinition } from "./variant-definition.ts";

export interface VariantSources {
  readonly definition: VariantDefinition;
  /** The merged fragments: `settings`, `metadata`, `services`, `configuration-files`. */
  readonly defaults: JsonTable;
}

/** What a build adds to the sources of a variant. */
export interface BuildFacts {
  readonly arch: Architecture;
  /** Three numbers with dots. */
  readonly version: string;
  readonly buildId: string;
}

/** The names of all variants, sorted. */
export async function variantNames(variantsDirectory: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (const entry of await readdir(variantsDirectory, { withFileTypes: true })) {
    const file = join(variantsDirectory, entry.name, "variant.toml");
    if (entry.isDirectory() && (await readTextIfExists(file)) !== undefined) names.push(entry.name);
  }
  return names.sort();
}

/**
 * Reads and checks a variant.
 *
 * @param variantsDirectory  the folder `variants` of the source tree
 * @throws Failure "settings/no-such-variant"; "settings/bad-variant" with every mistake there is: file with line and
 *   column, field, what was found and what is accepted
 */
export async function readVariantSources(variantsDirectory: string, name: string): Promise<VariantSources> {
  const mistakes: Mistake[] = [];
  const definition = await readVariantFile(variantsDirectory, name, mistakes);
  const fragments = await readFragments(variantsDirectory, definition, mistakes);
  const { merged, mistakes: conflicts } = mergeDefaults(fragments);
  mistakes.push(...conflicts);
  // Going on with a document that could not be read would only report consequences of the first mistakes.
  if (mistakes.length > 0) throw fail("settings/bad-variant", { mistakes });
  const sources = { definition, defaults: objectOf(merged) };
  checkWhole(sources);
  return sources;
}

/** The content of variant.json: what the programs on a host know of their variant. */
export function variantJson(sources: VariantSources, build: BuildFacts): string {
  const { definition, defaults } = sources;
  const content = {
    variant: definition.name,
    arch: build.arch,
    version: build.version,
    "build-id": build.buildId,
    groups: definition.groups,
    settings: defaults.settings ?? {},
    metadata: defaults.metadata ?? {},
    services: defaults.services ?? {},
    "configuration-files": defaults["configuration-files"] ?? {},
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

async function readVariantFile(
  directory: string,
  name: string,
  mistakes: Mistake[],
): Promise<VariantDefinition> {
  const known = await variantNames(directory);
  if (!known.includes(name)) throw fail("settings/no-such-variant", { variant: name, directory, known });
  const file = `variants/${name}/variant.toml`;
  const document = await readToml(join(directory, name, "variant.toml"), file, mistakes);
  if (document === undefined) throw fail("settings/bad-variant", { mistakes });
  const sets = await readGroupSets(directory, mistakes);
  const reader = new TableReader(file);
  const definition = readDefinition(name, document, reader, sets);
  mistakes.push(...reader.mistakes);
  return definition;
}

async function readGroupSets(directory: string, mistakes: Mistake[]): Promise<GroupSets> {
  const sets = new Map<string, readonly GroupName[]>();
  const folder = join(directory, "shared", "groups");
  for (const fileName of ((await listIfExists(folder)) ?? []).toSorted()) {
    if (!fileName.endsWith(".toml")) continue;
    const file = `variants/shared/groups/${fileName}`;
    const document = await readToml(join(folder, fileName), file, mistakes);
    if (document === undefined) continue;
    const reader = new TableReader(file);
    sets.set(fileName.slice(0, -".toml".length), readGroupSet(document, reader));
    mistakes.push(...reader.mistakes);
  }
  return sets;
}

const fragmentTables = ["settings", "metadata", "services", "configuration-files"];

async function readFragments(
  directory: string,
  definition: VariantDefinition,
  mistakes: Mistake[],
): Promise<Fragment[]> {
  const model = declarationOf(definition.groups);
  const fragments: Fragment[] = [];
  for (const name of definition.defaults) {
    const file = `variants/shared/defaults/${name}.toml`;
    const path = join(directory, "shared", "defaults", `${name}.toml`);
    const document = await readToml(path, file, mistakes, `variants/${definition.name}/variant.toml`);
    if (document === undefined) continue;
    const reader = new TableReader(file);
    const settings = reader.table("", document, fragmentTables).get("settings");
    mistakes.push(...reader.mistakes);
    const checked = settings === undefined ? undefined : checkNode(model, ["settings"], settings);
    if (checked?.ok === false) mistakes.push(...checked.problems.map((problem) => mistakeOf(problem, file)));
    fragments.push({ file, node: document });
  }
  return fragments;
}

async function readToml(
  path: string,
  file: string,
  mistakes: Mistake[],
  namedIn?: string,
): Promise<SourceTable | undefined> {
  const text = await readTextIfExists(path);
  if (text === undefined) {
    const field = namedIn === undefined ? "the file" : "defaults";
    mistakes.push({ file: namedIn ?? file, field, found: `${file} does not exist`, accepted: "a file" });
    return undefined;
  }
  const parsed = parseTomlSource(text);
  if (parsed.ok) return parsed.node.kind === "table" ? parsed.node : undefined;
  mistakes.push(...parsed.problems.map((problem) => mistakeOf(problem, file)));
  return undefined;
}

function mistakeOf(problem: Problem, file: string): Mistake {
  const place = problem.at === undefined ? file : `${file}:${problem.at.line}:${problem.at.column}`;
  const field = problem.key === "" ? "the document" : problem.key;
  return { file: place, field, found: problem.problem, accepted: problem.accepted };
}

/** Checks what only the whole can show, by loading it as a host would. */
function checkWhole(sources: VariantSources): void {
  const build: BuildFacts = { arch: "x86_64", version: "0.0.0", buildId: "check" };
  const variant: Variant = loadVariant(variantJson(sources, build));
  const mistakes = variantMistakes(buildModel(variant), variant);
  if (mistakes.length > 0) throw fail("settings/bad-variant", { mistakes });
}

function objectOf(value: Json): JsonTable {
  // mergeDefaults starts from a table, and merging keeps it one.
  return isTable(value) ? value : {};
}
