/** Containers as the settings declare them: checked once here. Names are keys of the settings. */
import { decodeBase64, keyText } from "../settings/index.ts";

/** What host and bootstrap containers have in common. */
export interface Declared {
  readonly name: string;
  readonly source: string;
  readonly userData: Uint8Array | undefined;
}

/** One entry of a map of containers: the container, or what keeps it from being one. */
export type Entry<Container extends Declared> =
  | { readonly name: string; readonly container: Container }
  | { readonly name: string; readonly problem: string };

export type Table = Readonly<Record<string, unknown>>;

/** What is wrong with a member of a container, as a clause behind its key. */
export interface WrongMember {
  readonly member: readonly string[];
  readonly problem: string;
}

/** Names of containers are parts of paths and of unit names. */
export const containerName = /^[A-Za-z0-9-]{1,76}$/;

/**
 * Reads all containers of a map, in the order of their names.
 *
 * @param group   the member of the settings: "host-containers"
 * @param member  its value, `undefined` if it has none
 * @param more    reads the members that only this kind of container has, or says which one is wrong
 */
export function readContainers<Container extends Declared>(
  group: string,
  member: unknown,
  more: (common: Declared, table: Table) => Container | WrongMember,
): readonly Entry<Container>[] {
  return Object.entries(tableOf(member))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => {
      const table = tableOf(value);
      const common = readCommon(group, name, table);
      if ("problem" in common) return common;
      const container = more(common, table);
      if (!("problem" in container)) return { name, container };
      const key = keyText(["settings", group, name, ...container.member]);
      return { name, problem: `${key} ${container.problem}` };
    });
}

function readCommon(group: string, name: string, table: Table): Declared | { name: string; problem: string } {
  const wrong = (member: string, problem: string) => ({
    name,
    problem: `${keyText(["settings", group, name, member])} ${problem}`,
  });
  const { source, "user-data": encoded } = table;
  if (!containerName.test(name)) return { name, problem: "the name has other characters than A-Z a-z 0-9 -" };
  if (source === undefined) return wrong("source", "is not set");
  // Nothing that could begin another line, or end a word, in the environment file of the unit.
  if (typeof source !== "string" || !/^[\w.:/@+[\]-]+$/.test(source)) {
    return wrong("source", "is not an image reference");
  }
  if (encoded === undefined) return { name, source, userData: undefined };
  const userData = typeof encoded === "string" ? decodeBase64(encoded) : undefined;
  return userData === undefined ? wrong("user-data", "is not base64") : { name, source, userData };
}

export function tableOf(value: unknown): Table {
  return typeof value === "object" && value !== null ? (value as Table) : {};
}
