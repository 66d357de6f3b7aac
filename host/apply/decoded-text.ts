/** Settings that hold a whole file, in base64 (specification "rendered-config" 3). */

import { decodeBase64 } from "../settings/index.ts";
import { kindOf } from "./kinds.ts";

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
