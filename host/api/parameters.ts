/** Reading the query parameters that several endpoints share; each answer is a value or the 400 to send. */
import { type Key, parseKey } from "../settings/index.ts";
import { type Reply, refused } from "./reply.ts";
import type { ApiRequest } from "./request.ts";

/** A parameter's value (absent ones are `undefined`), or the refusal to answer with. */
export type Parameter<T> = { readonly value: T } | { readonly refusal: Reply };

// A transaction is a file named by its percent-encoded name: 255 bytes, less the ending ".json" and room for the
// temporary name that a whole write uses.
const TRANSACTION_NAME_BYTES = 200;

/** `tx`: the transaction's name, `default` when absent. */
export function transactionParameter(request: ApiRequest): Parameter<string> {
  const name = request.query.get("tx") ?? "default";
  if (name === "") {
    return bad(
      "The parameter tx is empty; give the name of a transaction, or leave tx out for the transaction `default`",
    );
  }
  const encoded = new TextEncoder().encode(name).reduce((sum, byte) => sum + (isPlain(byte) ? 1 : 3), 0);
  if (encoded > TRANSACTION_NAME_BYTES) {
    return bad(
      `The parameter tx is too long: ${encoded} bytes when percent-encoded; accepted are up to ${TRANSACTION_NAME_BYTES}`,
    );
  }
  return { value: name };
}

/** `prefix`: any text but the empty one. */
export function prefixParameter(request: ApiRequest): Parameter<string | undefined> {
  const prefix = request.query.get("prefix");
  return prefix === ""
    ? bad("The parameter prefix is empty; give the beginning of a name, or leave prefix out")
    : { value: prefix };
}

/** `keys` or `names`: the texts between the commas. */
export function listParameter(
  request: ApiRequest,
  parameter: "keys" | "names",
): Parameter<readonly string[] | undefined> {
  const text = request.query.get(parameter);
  if (text === undefined) return { value: undefined };
  if (text === "") return bad(`The parameter ${parameter} is empty; give one or more, separated by commas`);
  return { value: text.split(",") };
}

/** A requested key, together with the text it was asked for by. */
export interface RequestedKey {
  readonly asked: string;
  readonly key: Key;
}

/** `keys`, each checked against the key grammar (api.md 3.1). */
export function keysParameter(request: ApiRequest): Parameter<readonly RequestedKey[] | undefined> {
  const texts = listParameter(request, "keys");
  if ("refusal" in texts || texts.value === undefined) return texts as Parameter<undefined>;
  const keys: RequestedKey[] = [];
  for (const asked of texts.value) {
    const parsed = parseKey(asked);
    if (!parsed.ok)
      return bad(`The parameter keys holds the invalid data key ${JSON.stringify(asked)}: ${parsed.reason}`);
    keys.push({ asked, key: parsed.key });
  }
  return { value: keys };
}

/** The 400 for a parameter that must be there. */
export const missing = (parameter: string): Reply =>
  refused(400, `The parameter ${parameter} is missing; this request needs it`);

const bad = (text: string): { readonly refusal: Reply } => ({ refusal: refused(400, text) });

// What the store writes as one byte in a file name (api.md 3.3).
const isPlain = (byte: number): boolean => /[A-Za-z0-9_-]/.test(String.fromCharCode(byte));
