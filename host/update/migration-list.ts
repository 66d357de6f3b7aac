/** Which migrations lead from one version to another (specification "updates" 11.2). Decides. */
import { fail } from "./failures.ts";
import type { Manifest, MigrationStep } from "./manifest.ts";
import { compareVersions, type Version } from "./version.ts";

export type MigrationList =
  | { readonly kind: "list"; readonly names: readonly string[] }
  /** No step leads on from `end`, which is not there yet. */
  | { readonly kind: "broken"; readonly end: Version; readonly target: Version };

/**
 * Finds the migrations between any two versions, in the order in which they run. Each step is the longest there is that
 * does not go too far; backward it is the forward list reversed.
 *
 * Where the longest step ends at a version from which nothing leads on, shorter ones are tried (the reference gives up):
 * a shortcut in a manifest never takes a way from hosts that they have without it.
 */
export function migrationLists(
  steps: readonly MigrationStep[],
): (from: Version, to: Version) => MigrationList {
  const longestFirst = stepsByStart(steps);
  return (from, to) => {
    const isBackward = compareVersions(from, to) > 0;
    const [low, high] = isBackward ? [to, from] : [from, to];
    const search = new Search(longestFirst, high);
    const found = search.from(low);
    if (found === undefined) return { kind: "broken", end: search.firstEnd ?? low, target: high };
    return { kind: "list", names: isBackward ? found.toReversed() : found };
  };
}

/**
 * The same between two versions, for what cannot go on without.
 *
 * @returns names of targets
 * @throws Failure "migration-list/broken"
 */
export function neededMigrations(
  { migrations }: Pick<Manifest, "migrations">,
  from: Version,
  to: Version,
): readonly string[] {
  const list = migrationLists(migrations)(from, to);
  if (list.kind === "list") return list.names;
  const { end, target } = list;
  throw fail("migration-list/broken", {
    from: from.text,
    to: to.text,
    end: end.text,
    target: target.text,
  });
}

/** Looks for a way to one version, longest steps first. */
class Search {
  /** Where the way of longest steps ended, if it did not reach the target. */
  firstEnd: Version | undefined;
  private readonly hopeless = new Set<string>();

  constructor(
    private readonly longestFirst: ReadonlyMap<string, readonly MigrationStep[]>,
    private readonly target: Version,
  ) {}

  /** The migrations from a version on, or undefined if no way leads from it to the target. */
  from(at: Version): readonly string[] | undefined {
    if (at.text === this.target.text) return [];
    if (this.hopeless.has(at.text)) return undefined;
    for (const step of this.longestFirst.get(at.text) ?? []) {
      if (compareVersions(step.to, this.target) > 0) continue;
      const rest = this.from(step.to);
      if (rest !== undefined) return [...step.names, ...rest];
    }
    this.firstEnd ??= at;
    this.hopeless.add(at.text);
    return undefined;
  }
}

/** Version → the steps that begin there: there may be hundreds of releases, and as many hosts' versions to look at. */
function stepsByStart(steps: readonly MigrationStep[]): ReadonlyMap<string, readonly MigrationStep[]> {
  const forward = steps.filter(({ from, to }) => compareVersions(to, from) > 0); // a step back would never end
  const groups = Map.groupBy(forward, ({ from }) => from.text);
  for (const group of groups.values()) group.sort((a, b) => compareVersions(b.to, a.to));
  return groups;
}
