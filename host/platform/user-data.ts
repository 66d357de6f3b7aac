/**
 * User data: a TOML document that sets settings at the first boot (specification "platform" 2.4).
 * Decides only: bytes in; a document, nothing, or everything that is wrong with it out.
 */

import { gunzipSync } from "node:zlib";
import {
  type Json,
  type Model,
  type Parsed,
  type Problem,
  placeProblems,
  settingsTable,
} from "../settings/index.ts";
import { parseTomlSource } from "../settings/toml-source.ts";

export type UserData =
  /** Nothing but white space. */
  | { readonly kind: "empty" }
  | {
      readonly kind: "settings";
      /** The inside of `settings`, as it is sent to the API. */
      readonly settings: { readonly [name: string]: Json };
      readonly leafCount: number;
      /** Top-level names other than `settings`, which are not used. */
      readonly ignored: readonly string[];
    }
  | { readonly kind: "wrong"; readonly problems: readonly Problem[] };

/** What is asked of the model. */
type UserDataModel = Pick<Model, "checkSettings" | "newlyBrokenRules" | "defaults" | "nest" | "declaration">;

/** Far beyond any user data; a small compressed file must not fill the memory. */
export const maxUserDataBytes = 16 * 1024 * 1024;

/**
 * Reads user data, plain or compressed with gzip.
 *
 * @param parse  what reads the text; the tool checks documents in JSON by the same rules
 * @throws  never: everything wrong is a problem, with line and column where the text has one
 */
export function readUserData(
  bytes: Uint8Array,
  model: UserDataModel,
  parse: (text: string) => Parsed = parseTomlSource,
): UserData {
  const decoded = decode(bytes);
  if (!decoded.ok) return wholeDocument(decoded.problem, decoded.accepted);
  const { text } = decoded;
  if (text.trim() === "") return { kind: "empty" };
  if (isCloudInit(text)) {
    return wholeDocument(
      "found a cloud-init document or a script",
      'TOML with a table named "settings", for example: settings.motd = "Hello"',
    );
  }
  const parsed = parse(text);
  if (!parsed.ok) return { kind: "wrong", problems: parsed.problems };
  const table = settingsTable(parsed.node);
  if (!table.ok) return { kind: "wrong", problems: table.problems };
  const checked = model.checkSettings(table.node);
  if (!checked.ok) return { kind: "wrong", problems: checked.problems };
  // Together with the defaults it becomes live: what the commit would refuse is told here, before anything is sent.
  const broken = model.newlyBrokenRules(model.defaults, checked.leaves);
  if (broken.length > 0) {
    return { kind: "wrong", problems: placeProblems(model.declaration, table.node, broken) };
  }
  return {
    kind: "settings",
    settings: model.nest(checked.leaves),
    leafCount: checked.leaves.size,
    ignored: table.ignored,
  };
}

type Decoded =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: string; readonly accepted: string };

function decode(bytes: Uint8Array): Decoded {
  const unpacked = unpack(bytes);
  if ("problem" in unpacked)
    return { ok: false, ...unpacked, accepted: "TOML, plain or compressed with gzip" };
  if (unpacked.bytes.length > maxUserDataBytes) {
    return {
      ok: false,
      problem: `found ${unpacked.bytes.length} bytes`,
      accepted: `at most ${maxUserDataBytes} bytes`,
    };
  }
  try {
    return { ok: true, text: new TextDecoder("utf-8", { fatal: true }).decode(unpacked.bytes) };
  } catch {
    // TypeError, the only one it throws: its message says no more than that the bytes are not UTF-8.
    return { ok: false, problem: "found bytes that are not UTF-8", accepted: "text in UTF-8" };
  }
}

function unpack(bytes: Uint8Array): { readonly bytes: Uint8Array } | { readonly problem: string } {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return { bytes };
  try {
    return { bytes: gunzipSync(bytes, { maxOutputLength: maxUserDataBytes }) };
  } catch (error) {
    return { problem: `found gzip data that cannot be decompressed (${(error as Error).message})` };
  }
}

/** What people give to other systems under the same name of "user data". */
function isCloudInit(text: string): boolean {
  return /^(#!|#cloud-|#include|MIME-Version:|Content-Type:)/i.test(text);
}

function wholeDocument(problem: string, accepted: string): UserData {
  return { kind: "wrong", problems: [{ key: "", problem, accepted }] };
}
