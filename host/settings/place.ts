/** Problems that were found in values → the places in the document that those values came from. */
import { type Declaration, memberNamed } from "./declaration.ts";
import { parseKey } from "./keys.ts";
import type { Position, Problem, SourceNode } from "./source.ts";

/**
 * Gives each problem without a place that of its setting, or, where the document has none, of the nearest table that
 * the setting would be in. What stands nowhere in the document keeps no place.
 *
 * @param settings  the inside of `settings`, which `declaration` declares
 */
export function placeProblems(
  problems: readonly Problem[],
  declaration: Declaration,
  settings: SourceNode,
): readonly Problem[] {
  return problems.map((problem) => {
    const parsed = parseKey(problem.key);
    if (problem.at !== undefined || !parsed.ok) return problem;
    const at = placeOf(parsed.key.segments.slice(1), declaration, settings);
    return at === undefined ? problem : { ...problem, at };
  });
}

function placeOf(
  segments: readonly string[],
  declaration: Declaration,
  settings: SourceNode,
): Position | undefined {
  let node = settings;
  let below: Declaration | undefined = declaration;
  let at: Position | undefined;
  for (const segment of segments) {
    if (node.kind !== "table") break;
    const group: Declaration | undefined = below;
    const stands = (name: string) =>
      name === segment || (group?.kind === "group" && memberNamed(group, name)?.name === segment);
    const entry = node.entries.find(({ name }) => stands(name));
    if (entry === undefined) break;
    at = entry.at ?? at;
    node = entry.value;
    below = group?.kind === "group" ? memberNamed(group, segment)?.value : namedValue(group);
  }
  return at;
}

function namedValue(declaration: Declaration | undefined): Declaration | undefined {
  return declaration?.kind === "map" ? declaration.value : undefined;
}
