/** systemd units of a variant: unit files, and which unit pulls in which, from variants/shared/units. */
import { cp, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { getStaticTOMLValue, parseTOML } from "toml-eslint-parser";
import { exists } from "../sdk/index.ts";
import { fail } from "./failures.ts";

/** Links to make: where the link is, below the unit directory, and the unit it leads to. */
export interface UnitLinks {
  readonly links: ReadonlyMap<string, string>;
  readonly problems: readonly string[];
}

const UNITS = "usr/lib/systemd/system";

/**
 * Puts the unit sets into the tree, makes their links, and notes for the host which units are its own.
 *
 * @param tree       the root being made; the stock units that stay are in it already
 * @param directory  variants/shared/units
 * @param sets       names of unit sets; each is NAME.toml and, if it brings units of its own, NAME/
 * @throws image/bad-units with every mistake, among them links to units that are not in the image
 */
export async function installUnits(tree: string, directory: string, sets: readonly string[]): Promise<void> {
  const problems: string[] = [];
  const links = new Map<string, string>();
  for (const set of sets) {
    const own = join(directory, set);
    if (await exists(own)) await cp(own, join(tree, UNITS), { recursive: true, force: true });
    const file = `${set}.toml`;
    const text = await readFile(join(directory, file), "utf8").catch((cause) => {
      throw fail("image/bad-units", { problems: [`${file}: cannot be read`] }, { cause });
    });
    const read = readUnitLinks(text, file);
    problems.push(...read.problems);
    for (const [link, unit] of read.links) links.set(link, unit);
  }
  for (const [link, unit] of links) {
    const stock = unit.replace(/@.+\./, "@.");
    if (!(await exists(join(tree, UNITS, stock))))
      problems.push(`${link}: there is no unit ${stock} in the image`);
    const path = join(tree, UNITS, link);
    await mkdir(join(path, ".."), { recursive: true });
    await symlink(link.includes("/") ? `../${stock}` : stock, path);
  }
  if (problems.length > 0) throw fail("image/bad-units", { problems });
  const own = await Promise.all(sets.map((set) => filesOf(join(directory, set))));
  await mkdir(join(tree, "usr/lib/pinwheel"), { recursive: true });
  const list = JSON.stringify(watchedUnits(own.flat(), links));
  await writeFile(join(tree, "usr/lib/pinwheel/units.json"), list);
}

/**
 * The units whose state the host tells of: those that the sets bring, and the stock ones that they pull in. Targets and
 * slices do nothing themselves, and a template is no unit.
 *
 * @param files  names in the directories of the sets, drop-ins included
 */
export function watchedUnits(
  files: readonly string[],
  links: ReadonlyMap<string, string>,
): readonly string[] {
  const names = [...files, ...links.values()];
  return [
    ...new Set(names.filter((name) => /^[^@]+(@.+)?\.(service|socket|timer|path|mount)$/.test(name))),
  ].sort();
}

async function filesOf(directory: string): Promise<readonly string[]> {
  return (await exists(directory)) ? await readdir(directory) : [];
}

/** Reads one set: `default`, `[wants]`, `[requires]` (target → units) and `[aliases]` (name → unit). */
export function readUnitLinks(text: string, file: string): UnitLinks {
  const links = new Map<string, string>();
  const problems: string[] = [];
  let value: Record<string, unknown>;
  try {
    value = getStaticTOMLValue(parseTOML(text));
  } catch (error) {
    return { links, problems: [`${file}: ${error instanceof Error ? error.message : String(error)}`] };
  }
  for (const [field, entry] of Object.entries(value)) {
    if (field === "default" && typeof entry === "string") links.set("default.target", entry);
    else if (field === "wants" || field === "requires") {
      for (const [target, units] of tableOf(entry)) {
        if (!Array.isArray(units)) problems.push(`${file}: ${field}.${target} is not a list`);
        else for (const unit of units) links.set(`${target}.${field}/${unit}`, String(unit));
      }
    } else if (field === "aliases") {
      for (const [alias, unit] of tableOf(entry)) links.set(alias, String(unit));
    } else problems.push(`${file}: ${field} is unknown; accepted: default, wants, requires, aliases`);
  }
  return { links, problems };
}

function tableOf(value: unknown): readonly [string, unknown][] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}
