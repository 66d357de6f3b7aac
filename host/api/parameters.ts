/** Reading the query parameters that several endpoints share; each answer is a value or the 400 to send. */
import { type Key, parseKey } from "../settings/index.ts";
import { transactionNameProblem } from "../store/index.ts";
import { type Reply, refused } from "./reply.ts";
import type { ApiRequest } from "./request.ts";

/** A parameter's value (absent ones are `undefined`), or the refusal to answer with. */
export type Parameter<T> = { readonly value: T } | { readonly refusal: Reply };

/** `tx`: the transaction's name, `default` when absent. */
export function transactionParameter(request: ApiRequest): Parameter<string> {
  const name = request.query.get("tx") ?? "default";
  const problem = transactionNameProblem(name);
  if (problem !== undefined) {
    return bad(
      `The parameter tx cannot name a transaction: ${problem}; without tx the transaction is "default"`,
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

/** `keys`, each checked against the key grammar (api.md 3.1), and once however often it is named. */
export function keysParameter(request: ApiRequest): Parameter<readonly RequestedKey[] | undefined> {
  const texts = listParameter(request, "keys");
  if ("refusal" in texts || texts.value === undefined) return texts as Parameter<undefined>;
  const keys: RequestedKey[] = [];
  for (const asked of new Set(texts.value)) {
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
