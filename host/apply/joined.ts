/** Tables as one text, the way command lines and environments have them (specification "rendered-config" 3). */

import { isTable, kindOf } from "./kinds.ts";
import { sortedEntries } from "./liquid-tags.ts";

/**
 * The members of a table as one text, in byte order of their names: "a=1,b=2".
 *
 * @param ifMissing  `fail-if-missing`, or `no-fail-if-missing` for an empty text where there is no table
 * @throws  Error if there is no table and should be, or a member is no text, number or boolean
 */
export function joinMap(
  table: unknown,
  keyValueJoiner: unknown,
  pairJoiner: unknown,
  ifMissing: unknown,
): string {
  if (typeof keyValueJoiner !== "string" || typeof pairJoiner !== "string")
    throw new Error("both joiners must be texts");
  if (ifMissing !== "fail-if-missing" && ifMissing !== "no-fail-if-missing")
    throw new Error(
      `found ${JSON.stringify(ifMissing)} where "fail-if-missing" or "no-fail-if-missing" is needed`,
    );
  if (!isTable(table)) {
    if (ifMissing === "no-fail-if-missing") return "";
    throw new Error(`needs a table, and found ${kindOf(table)}`);
  }
  return sortedEntries(table)
    .map(([name, value]) => {
      if (typeof value === "object" || value === undefined)
        throw new Error(`the value of ${name} must be a text, number or boolean, and is ${kindOf(value)}`);
      return `${name}${keyValueJoiner}${value}`;
    })
    .join(pairJoiner);
}

/**
 * Taints as the kubelet takes them: "key=value:Effect", each once for every element of its list.
 *
 * @throws  Error if a member is no list of texts
 */
export function joinNodeTaints(taints: unknown): string {
  if (!isTable(taints)) return "";
  return sortedEntries(taints)
    .flatMap(([key, list]) => {
      if (!Array.isArray(list))
        throw new Error(`the taints of ${key} must be a list, and are ${kindOf(list)}`);
      return list.map((taint: unknown) => {
        if (typeof taint === "string") return `${key}=${taint}`;
        throw new Error(`a taint of ${key} must be a text, and is ${kindOf(taint)}`);
      });
    })
    .join(",");
}
