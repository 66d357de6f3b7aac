/** Which migrations lead from one version to another (specification "updates" 11.2). Decides. */
import type { MigrationStep } from "./manifest.ts";
import { compareVersions, type Version } from "./version.ts";

export type MigrationList =
  | { readonly kind: "list"; readonly names: readonly string[] }
  /** No step leads on from `end`, which is not there yet. */
  | { readonly kind: "broken"; readonly end: Version; readonly target: Version };

/**
 * The migrations in the order in which they run. Each step is the longest there is that does not go too far; backward it
 * is the forward list reversed.
 */
export function migrationList(from: Version, to: Version, steps: readonly MigrationStep[]): MigrationList {
  const isBackward = compareVersions(from, to) > 0;
  const [low, high] = isBackward ? [to, from] : [from, to];
  const names: string[] = [];
  let at = low;
  while (compareVersions(at, high) !== 0) {
    const next = longestStep(at, high, steps);
    if (next === undefined) return { kind: "broken", end: at, target: high };
    names.push(...next.names);
    at = next.to;
  }
  return { kind: "list", names: isBackward ? names.reverse() : names };
}

function longestStep(
  from: Version,
  high: Version,
  steps: readonly MigrationStep[],
): MigrationStep | undefined {
  return (
    steps
      .filter((step) => compareVersions(step.from, from) === 0 && compareVersions(step.to, high) <= 0)
      // A step that goes back would never end.
      .filter((step) => compareVersions(step.to, from) > 0)
      .sort((a, b) => compareVersions(b.to, a.to))[0]
  );
}
