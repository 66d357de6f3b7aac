/** Which variants something is true for, in few words. */

/**
 * Says which of all variants are meant: `every variant`, `aws-k8s-*`, `*-dev`, `every variant but metal-dev`.
 * A pattern stands only where it takes no other variant.
 *
 * @param some  names that are all in `all`
 */
export function variantWords(some: readonly string[], all: readonly string[]): string {
  if (some.length === 0) return "no variant";
  if (some.length === all.length) return "every variant";
  const said = patterns(some, all);
  const others = patterns(
    all.filter((name) => !some.includes(name)),
    all,
  );
  return others.length < said.length ? `every variant but ${others.join(", ")}` : said.join(", ");
}

/** A set of variants that a pattern stands for. */
interface Class {
  /** What its members have in common, and no other variant has; undefined for those that are in no such class. */
  of(name: Name): string | undefined;
  /** The pattern, up to the words that may follow. */
  pattern(name: Name): string;
}

/** `platform-runtime[-version][-flavor]`. */
interface Name {
  readonly platform: string;
  readonly runtime: string;
  readonly flavor: string | undefined;
}

const classes: readonly Class[] = [
  { of: ({ runtime }) => runtime, pattern: ({ runtime }) => `*-${runtime}` },
  { of: ({ platform }) => platform, pattern: ({ platform }) => platform },
  { of: ({ flavor }) => flavor, pattern: ({ flavor }) => `*-${flavor}` },
  {
    of: ({ platform, runtime }) => `${platform}-${runtime}`,
    pattern: ({ platform, runtime }) => `${platform}-${runtime}`,
  },
];

function patterns(some: readonly string[], all: readonly string[]): readonly string[] {
  const possible = classesWithin(some, all);
  const found: string[] = [];
  let left = some;
  // The one that takes most of what is left, as long as any takes more than one: a name says more than a pattern.
  for (;;) {
    const best = possible
      .map((one) => ({ ...one, takes: left.filter((name) => one.members.includes(name)).length }))
      .reduce((most, one) => (one.takes > most.takes ? one : most), { pattern: "", members: [""], takes: 1 });
    if (best.takes < 2) return [...found, ...left];
    found.push(best.pattern);
    left = left.filter((name) => !best.members.includes(name));
  }
}

/** The classes of which all members are among some. */
function classesWithin(
  some: readonly string[],
  all: readonly string[],
): readonly { readonly pattern: string; readonly members: readonly string[] }[] {
  return classes.flatMap((one) => {
    const groups = Map.groupBy(all, (name) => one.of(parse(name)));
    return [...groups].flatMap(([common, members]) => {
      const [first] = members.map(parse);
      if (common === undefined || first === undefined || !members.every((name) => some.includes(name)))
        return [];
      const start = one.pattern(first);
      const isWhole = members.every((name) => name.endsWith(start.replace("*", "")));
      return [{ pattern: isWhole ? start : `${start}-*`, members }];
    });
  });
}

function parse(name: string): Name {
  const [platform = name, runtime = "", , flavor] = name.split("-");
  return { platform, runtime, flavor };
}
