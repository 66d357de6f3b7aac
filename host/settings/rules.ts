/**
 * Rules between settings (specification "settings" 4.10 and 12.2). The reference has none: there such mistakes show
 * when a file is rendered or a program started. Each rule stands with the group it is about.
 */
import type { Declaration, Group } from "./declaration.ts";
import { keyText } from "./keys.ts";
import { isTable, type Json, type JsonTable, type Problem, problemText } from "./source.ts";

/**
 * The rules that a change would break. A rule that is broken already stays out of it: somebody who changes something
 * else cannot be made to mend it.
 *
 * @param before, after     give the inside of `settings`, each checked; asked for only where there are rules
 * @param generatedKeys     the keys that have a generator
 */
export function newlyBrokenRules(
  declaration: Group,
  before: () => JsonTable,
  after: () => JsonTable,
  generatedKeys: { has(key: string): boolean },
): readonly Problem[] {
  if (!hasRules(declaration)) return [];
  const problems = brokenRules(declaration, after(), generatedKeys);
  if (problems.length === 0) return problems;
  const known = new Set(
    brokenRules(declaration, before(), generatedKeys).map((problem) => problemText(problem)),
  );
  return problems.filter((problem) => !known.has(problemText(problem)));
}

function hasRules(declaration: Declaration): boolean {
  switch (declaration.kind) {
    case "leaf":
      return false;
    case "map":
      return hasRules(declaration.value);
    case "group":
      return declaration.rules.length > 0 || Object.values(declaration.members).some(hasRules);
  }
}

function brokenRules(
  model: Group,
  settings: JsonTable,
  generatedKeys: { has(key: string): boolean },
): readonly Problem[] {
  const problems: Problem[] = [];
  const visit = (declaration: Declaration, segments: readonly string[], value: Json | undefined): void => {
    if (!isTable(value)) return;
    if (declaration.kind === "map") {
      for (const [name, entry] of Object.entries(value)) visit(declaration.value, [...segments, name], entry);
    }
    if (declaration.kind !== "group") return;
    const isGenerated = (member: string) => generatedKeys.has(keyText([...segments, member]));
    for (const rule of declaration.rules) {
      for (const { at, problem, accepted } of rule(value, isGenerated)) {
        problems.push({ key: keyText([...segments, ...at]), problem, accepted });
      }
    }
    for (const [name, member] of Object.entries(declaration.members)) {
      visit(member, [...segments, name], Object.hasOwn(value, name) ? value[name] : undefined);
    }
  };
  visit(model, ["settings"], settings);
  return problems;
}
