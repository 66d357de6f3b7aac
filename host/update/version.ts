/**
 * Versions as manifests compare them: semantic versioning, in which build metadata takes part too (specification
 * "updates" 6.1): `1.2.3+a` and `1.2.3` are two versions. Decides.
 */

export interface Version {
  /** As written, without a leading `v`. */
  readonly text: string;
  readonly numbers: readonly [major: bigint, minor: bigint, patch: bigint];
  /** Identifiers between the dots; none is later than any. */
  readonly preRelease: readonly string[];
  readonly build: readonly string[];
}

const number = "(0|[1-9][0-9]*)";
// A number in a pre-release has no leading zero; in build metadata it may.
const preRelease = "(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)";
const build = "[0-9A-Za-z-]+";
const pattern = new RegExp(
  `^${number}\\.${number}\\.${number}(?:-(${preRelease}(?:\\.${preRelease})*))?(?:\\+(${build}(?:\\.${build})*))?$`,
);

/** The version that a text is, or undefined. A leading `v` is not part of a version. */
export function parseVersion(text: string): Version | undefined {
  const parts = pattern.exec(text);
  if (parts === null) return undefined;
  const [, major = "", minor = "", patch = "", pre = "", meta = ""] = parts;
  return {
    text,
    numbers: [BigInt(major), BigInt(minor), BigInt(patch)],
    preRelease: pre === "" ? [] : pre.split("."),
    build: meta === "" ? [] : meta.split("."),
  };
}

/** Negative when `a` is the lower version, positive when the higher, 0 when they are the same one. */
export function compareVersions(a: Version, b: Version): number {
  for (const [index, value] of a.numbers.entries()) {
    const other = b.numbers[index] ?? 0n;
    if (value !== other) return value < other ? -1 : 1;
  }
  if (a.preRelease.length === 0 || b.preRelease.length === 0) {
    // A release is higher than what came before it.
    const byKind = Number(a.preRelease.length === 0) - Number(b.preRelease.length === 0);
    if (byKind !== 0) return byKind;
  }
  return compareIdentifiers(a.preRelease, b.preRelease) || compareIdentifiers(a.build, b.build);
}

/** Number by number and word by word; numbers are lower than words, and the shorter list is lower than its extension. */
function compareIdentifiers(a: readonly string[], b: readonly string[]): number {
  for (const [index, word] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    const order = compareIdentifier(word, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareIdentifier(a: string, b: string): number {
  if (a === b) return 0;
  const [isNumber, isOtherNumber] = [/^[0-9]+$/.test(a), /^[0-9]+$/.test(b)];
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  if (!isNumber) return a < b ? -1 : 1;
  const difference = BigInt(a) - BigInt(b);
  // 01 and 1 are different build metadata of the same number.
  return difference === 0n ? a.length - b.length : difference < 0n ? -1 : 1;
}
