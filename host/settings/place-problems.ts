/** Where a problem of the whole stands in the document that brings it about. */
import { type Declaration, memberNamed } from "./declaration.ts";
import { parseKey } from "./keys.ts";
import { type Problem, placed, type SourceEntry, type SourceNode } from "./source.ts";

/**
 * Finds the places of problems that were found in settings and not in a text, as those of rules between settings.
 *
 * @param declaration, node  the inside of `settings`
 * @returns the problems, each with the place of the name that the document gives on the way to its key, the deepest one;
 *   without a place if the document gives nothing of it
 */
export function placeProblems(
  declaration: Declaration,
  node: SourceNode,
  problems: readonly Problem[],
): readonly Problem[] {
  return problems.map((problem) => {
    const parsed = parseKey(problem.key);
    const entry = parsed.ok ? deepestEntry(declaration, node, parsed.key.segments.slice(1)) : undefined;
    return entry === undefined ? problem : { ...problem, ...placed(entry) };
  });
}

function deepestEntry(
  declaration: Declaration | undefined,
  node: SourceNode,
  [name, ...below]: readonly string[],
): SourceEntry | undefined {
  if (name === undefined || node.kind !== "table") return undefined;
  const named = (written: string) => {
    if (declaration?.kind === "map") return { name: written, value: declaration.value };
    return declaration?.kind === "group" ? memberNamed(declaration, written) : undefined;
  };
  const entry = node.entries.find((each) => named(each.name)?.name === name);
  if (entry === undefined) return undefined;
  return deepestEntry(named(entry.name)?.value, entry.value, below) ?? entry;
}
