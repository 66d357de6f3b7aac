/** "Did you mean": the known name that a mistyped one is closest to. */
import { quote } from "./source.ts";

/** Says that a name is not known, and which one may have been meant. */
export function unknownName(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  return `unknown name ${quote(name)}${near === undefined ? "" : ` (did you mean ${quote(near)}?)`}`;
}

/**
 * The known name with the fewest single-character edits from a name, if they are few for its length.
 *
 * @returns undefined when nothing is close: at most a third of the name may differ
 */
function nearestName(name: string, known: readonly string[]): string | undefined {
  // Beyond this length no known name is near, and the comparison would only cost time.
  if (name.length > 64) return undefined;
  const most = Math.max(1, name.length / 3);
  let best: { name: string; distance: number } | undefined;
  for (const candidate of known) {
    // So many characters must be inserted or removed at least: most candidates need no closer look.
    if (Math.abs(candidate.length - name.length) > most) continue;
    const distance = editDistance(name, candidate);
    if (best === undefined || distance < best.distance) best = { name: candidate, distance };
  }
  return best !== undefined && best.distance <= most ? best.name : undefined;
}

/** How many characters must be inserted, removed or replaced to make one text of the other. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, character] of [...from].entries()) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j++) {
      const replaced = (row[j] ?? 0) + (to[j] === character ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
