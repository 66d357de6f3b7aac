/** Which migrations lead from one version to another (specification "updates" 11.2). Decides. */
import type { MigrationStep } from "./manifest.ts";
import { compareVersions, type Version } from "./version.ts";

export type MigrationList =
  | { readonly kind: "list"; readonly names: readonly string[] }
  /** No step leads on from `end`, which is not there yet. */
  | { readonly kind: "broken"; readonly end: Version; readonly target: Version };

/**
 * Finds the migrations between any two versions, in the order in which they run. Each step is the longest there is that
 * does not go too far; backward it is the forward list reversed.
 */
export function migrationLists(
  steps: readonly MigrationStep[],
): (from: Version, to: Version) => MigrationList {
  const longestFirst = stepsByStart(steps);
  return (from, to) => {
    const isBackward = compareVersions(from, to) > 0;
    const [low, high] = isBackward ? [to, from] : [from, to];
    const names: string[] = [];
    let at = low;
    while (at.text !== high.text) {
      const next = longestFirst.get(at.text)?.find((step) => compareVersions(step.to, high) <= 0);
      if (next === undefined) return { kind: "broken", end: at, target: high };
      names.push(...next.names);
      at = next.to;
    }
    return { kind: "list", names: isBackward ? names.reverse() : names };
  };
}

/** Version → the steps that begin there: there may be hundreds of releases, and as many hosts' versions to look at. */
function stepsByStart(steps: readonly MigrationStep[]): ReadonlyMap<string, readonly MigrationStep[]> {
  const forward = steps.filter(({ from, to }) => compareVersions(to, from) > 0); // a step back would never end
  const groups = Map.groupBy(forward, ({ from }) => from.text);
  for (const group of groups.values()) group.sort((a, b) => compareVersions(b.to, a.to));
  return groups;
}
