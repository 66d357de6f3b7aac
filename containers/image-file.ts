/** What a container image is made of: the data file `containers/NAME/image.toml`, read and checked here. */
import { getStaticTOMLValue, parseTOML } from "toml-eslint-parser";
import { expandBraces } from "../image/globs.ts";
import { fail } from "./failures.ts";

export interface ImageFile {
  /** One line that tells people what it is for. */
  readonly summary: string;
  /** Debian packages; what they depend on, and what every Debian has, comes with them. */
  readonly packages: readonly string[];
  /** The program that the container runs, with its arguments. */
  readonly entrypoint: readonly string[];
  /** Shell patterns of files that the installation leaves and the image does not have. */
  readonly remove: readonly string[];
  /** Groups with a fixed number. */
  readonly groups: ReadonlyMap<string, number>;
  /** Users, each with the groups it is in beside its own. */
  readonly users: ReadonlyMap<string, readonly string[]>;
  /** Added to the PATH that every container gets. */
  readonly environment: ReadonlyMap<string, string>;
  /** Links, from their names below the root to what they lead to; braces written out. */
  readonly links: ReadonlyMap<string, string>;
}

/** An account name, a package, a file below the root: nothing that a shell could read as more than one word. */
const NAME = /^[a-z_][a-z0-9_-]*$/;
const PACKAGE = /^[a-z0-9][a-z0-9+.-]*$/;
const PATTERN = /^[A-Za-z0-9_][A-Za-z0-9_.*/-]*$/;

/**
 * Reads an image file.
 *
 * @param text  TOML
 * @param file  its name, for messages
 * @throws containers/bad-image-file with every mistake
 */
export function parseImageFile(text: string, file: string): ImageFile {
  let value: Record<string, unknown>;
  try {
    value = getStaticTOMLValue(parseTOML(text));
  } catch (error) {
    throw fail("containers/bad-image-file", { file, problems: [String(error)] }, { cause: error });
  }
  const problems: string[] = [];
  const { summary, packages, entrypoint, remove, groups, users, environment, links, ...unknown } = value;
  for (const field of Object.keys(unknown)) problems.push(`${field} is unknown`);
  if (typeof summary !== "string") problems.push("summary is not text");
  const image: ImageFile = {
    summary: typeof summary === "string" ? summary : "",
    packages: texts("packages", packages, PACKAGE),
    entrypoint: texts("entrypoint", entrypoint, /./),
    remove: texts("remove", remove ?? [], PATTERN),
    groups: table("groups", groups, NAME, (id) => (Number.isInteger(id) ? Number(id) : undefined)),
    users: table("users", users, NAME, (list) => (areTexts(list, NAME) ? list : undefined)),
    environment: table("environment", environment, /^[A-Z_]+$/, oneText),
    links: expanded(table("links", links, /^[A-Za-z0-9_][A-Za-z0-9_.,{}/-]*$/, oneText)),
  };
  if (problems.length > 0) throw fail("containers/bad-image-file", { file, problems });
  return image;

  function texts(field: string, found: unknown, accepted: RegExp): readonly string[] {
    if (areTexts(found, accepted)) return found;
    problems.push(`${field} is not a list of text like ${accepted.source}`);
    return [];
  }

  function table<Value>(
    field: string,
    found: unknown,
    accepted: RegExp,
    read: (value: unknown) => Value | undefined,
  ): ReadonlyMap<string, Value> {
    const entries = new Map<string, Value>();
    if (typeof (found ?? {}) !== "object") problems.push(`${field} is not a table`);
    for (const [name, value] of Object.entries(found ?? {})) {
      const known = read(value);
      if (accepted.test(name) && known !== undefined) entries.set(name, known);
      else problems.push(`${field}."${name}" cannot be ${JSON.stringify(value)}`);
    }
    return entries;
  }
}

function areTexts(value: unknown, accepted: RegExp): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string" && accepted.test(item));
}

function oneText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function expanded(links: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...links].flatMap(([names, target]) => expandBraces(names).map((name) => [name, target])));
}
