/** What is set once a change has happened. */
import type { Json } from "./source.ts";

/**
 * Lays a change over leaves.
 *
 * @param change  leaves by the text of their keys; null is "to be removed", for there is no stored null
 *   (specification "settings" 1)
 */
export function mergeLeaves(
  leaves: ReadonlyMap<string, Json>,
  change: ReadonlyMap<string, Json>,
): ReadonlyMap<string, Json> {
  const merged = new Map(leaves);
  for (const [key, value] of change) {
    if (value === null) merged.delete(key);
    else merged.set(key, value);
  }
  return merged;
}
