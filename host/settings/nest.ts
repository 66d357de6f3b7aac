/** Leaves → the nested object that replies and documents show (specification "settings" 4.7). */
import { type Declaration, group } from "./declaration.ts";
import { parseKey } from "./keys.ts";
import type { Json, JsonTable } from "./source.ts";

type Tree = Map<string, Tree | Leaf>;
interface Leaf {
  readonly value: Json;
}

/**
 * Nests leaves under the segments of their keys.
 *
 * @param leaves       by the text of their full keys; a text that is no key is left out
 * @param declaration  gives the order of names: as declared, names of maps and unknown names sorted
 * @returns the object at the root of the keys, so with "settings" as its only member
 */
export function nestLeaves(leaves: ReadonlyMap<string, Json>, declaration: Declaration): JsonTable {
  const root: Tree = new Map();
  for (const [text, value] of leaves) {
    const parsed = parseKey(text);
    if (parsed.ok) insert(root, parsed.key.segments, value);
  }
  return ordered(root, group({ settings: declaration }));
}

function insert(root: Tree, segments: readonly string[], value: Json): void {
  let tree = root;
  for (const segment of segments.slice(0, -1)) {
    let next = tree.get(segment);
    // A leaf above another leaf cannot come out of a check; if a damaged store has one, the deeper is shown.
    if (!(next instanceof Map)) {
      next = new Map();
      tree.set(segment, next);
    }
    tree = next;
  }
  const last = segments.at(-1);
  if (last !== undefined && !(tree.get(last) instanceof Map)) tree.set(last, { value });
}

function ordered(tree: Tree, declaration: Declaration | undefined): JsonTable {
  const declared = declaration?.kind === "group" ? Object.keys(declaration.members) : [];
  const others = [...tree.keys()].filter((name) => !declared.includes(name)).sort();
  // fromEntries and not assignment: "__proto__" is a legal name in a map.
  return Object.fromEntries(
    [...declared, ...others].flatMap((name): [string, Json][] => {
      const child = tree.get(name);
      if (child === undefined) return [];
      return [[name, child instanceof Map ? ordered(child, below(declaration, name)) : child.value]];
    }),
  );
}

function below(declaration: Declaration | undefined, name: string): Declaration | undefined {
  if (declaration?.kind === "map") return declaration.value;
  if (declaration?.kind !== "group" || !Object.hasOwn(declaration.members, name)) return undefined;
  return declaration.members[name];
}
