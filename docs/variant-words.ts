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

/** What runs and what it runs on, then both: the widest classes first. */
const classes: readonly ((name: string) => string)[] = [
  (name) => `*-${runtimeOf(name)}*`,
  (name) => `${platformOf(name)}-*`,
  (name) => `${platformOf(name)}-${runtimeOf(name)}*`,
];

function patterns(some: readonly string[], all: readonly string[]): readonly string[] {
  const found: string[] = [];
  let left = some;
  for (const patternOf of classes) {
    for (const pattern of new Set(left.map(patternOf))) {
      const members = all.filter((name) => patternOf(name) === pattern);
      // One variant is best called by its name, and a class must be among `some` as a whole.
      if (members.length < 2 || !members.every((name) => some.includes(name))) continue;
      found.push(pattern);
      left = left.filter((name) => !members.includes(name));
    }
  }
  return [...found, ...left];
}

function platformOf(name: string): string {
  return name.split("-")[0] ?? name;
}

function runtimeOf(name: string): string {
  return name.split("-")[1] ?? name;
}
