/** Tables and encoded texts as one text (specification "rendered-config" 3). */

import { decodeBase64 } from "../settings/index.ts";
import { sortedEntries } from "./liquid-tags.ts";

/** What a value is, for messages; not the value, which may be secret. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a table";
  return typeof value === "string" ? "a text" : `a ${typeof value}`;
}

export function isTable(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

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

/**
 * The text that is in standard base64, with its fill at the end or without.
 *
 * @throws  Error if it is not, or if the bytes are not UTF-8
 */
export function decodedText(encoded: unknown): string {
  if (typeof encoded !== "string") throw new Error(`needs a text, and found ${kindOf(encoded)}`);
  const bytes = decodeBase64(encoded);
  if (bytes === undefined) throw new Error("the text is not base64");
  try {
    // The mark of byte order is part of the bytes, like every other.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Error("the decoded bytes are not UTF-8 text", { cause });
  }
}
