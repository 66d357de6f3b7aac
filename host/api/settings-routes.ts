/** GET and PATCH /settings (api.md 6.3, 6.4). */
import {
  currentKeyText,
  type Json,
  type Key,
  keyFromSegments,
  type Problem,
  parseJsonSource,
  parseKey,
  problemText,
} from "../settings/index.ts";
import type { Decision } from "./decision.ts";
import { definitions } from "./definitions.ts";
import { keysParameter, prefixParameter, type RequestedKey, transactionParameter } from "./parameters.ts";
import { found, type Reply, refused } from "./reply.ts";
import { type ApiRequest, isJsonContentType } from "./request.ts";
import type { View } from "./view.ts";

/** Answers with the named live settings, those that a prefix takes, or all. */
export function readSettings(request: ApiRequest, view: View): Reply {
  const keys = keysParameter(request);
  if ("refusal" in keys) return keys.refusal;
  if (keys.value !== undefined) return byKeys(keys.value, view);

  const prefix = prefixParameter(request);
  if ("refusal" in prefix) return prefix.refusal;
  if (prefix.value === undefined) {
    return view.live.size === 0 ? noSettings : allSettings(view);
  }
  const full = prefix.value.startsWith("settings") ? prefix.value : `settings.${prefix.value}`;
  return found(view.model.nest(selectLeaves(view, full)));
}

// The reply for all settings, by the live leaves it shows: a commit makes new ones. Without it every read would nest
// and print the same document again.
const wholeReplies = new WeakMap<View["live"], Reply>();

function allSettings(view: View): Reply {
  const live = view.live;
  const known = wholeReplies.get(live);
  if (known !== undefined) return known;
  const reply = found(view.model.nest(live));
  wholeReplies.set(live, reply);
  return reply;
}

/** Answers with the JSON Schema of the settings; not in the reference (specification "settings" 12, point 15). */
export const readSchema = (view: View): Reply => found(view.model.schema);

/** The 404 for a host that has no settings at all yet. */
export const noSettings: Reply = refused(404, "No settings are set yet: the first commit has not happened");

/**
 * Live leaves whose dotted key begins with the text (api.md 3.1: listing compares text, not segments).
 *
 * Two things the reference does not find (specification "settings" 4.6 and 5, its weaknesses): older names of settings,
 * and names with dots where the text leaves out all quotes, as in `settings.kernel.sysctl.vm`.
 */
export function selectLeaves({ model, live }: View, text: string): ReadonlyMap<string, Json> {
  const prefix = currentKeyText(model.declaration, text);
  const begins = prefix.includes('"')
    ? (key: string) => key.startsWith(prefix)
    : (key: string) => key.replaceAll('"', "").startsWith(prefix);
  return new Map([...live].filter(([key]) => begins(key)));
}

function byKeys(keys: readonly RequestedKey[], view: View): Reply {
  const chosen = new Map<string, Json>();
  for (const { asked, key: askedKey } of keys) {
    const key = currentKey(askedKey, view);
    const value = view.live.get(key.text);
    if (value !== undefined) {
      chosen.set(key.text, value);
      continue;
    }
    const problem = whyUnreadable(key, view);
    if (problem !== undefined) return refused(400, `The parameter keys holds ${asked}: ${problem}`);
  }
  return found(view.model.nest(chosen));
}

/** The key under which a setting is stored that is asked for by an older name. */
function currentKey(key: Key, { model }: View): Key {
  const text = currentKeyText(model.declaration, key.text);
  const current = text === key.text ? undefined : parseKey(text);
  return current?.ok === true ? current.key : key;
}

/** A key that is not set is skipped; one that could never be a setting's is a mistake worth telling (the reference: 500). */
function whyUnreadable(key: Key, view: View): string | undefined {
  const [section, name = "", field] = key.segments;
  if (section === "services" || section === "configuration-files") {
    const entry = definitions(view.model, section).get(name);
    const isThere =
      field === undefined ? name === "" || entry !== undefined : Object.hasOwn(entry ?? {}, field);
    return isThere ? `this is not a setting; ask /${section} for it` : undefined;
  }
  if (groupsOf(view.live).has(key.text))
    return `this is a group of settings; ask for prefix=${key.text}. instead`;
  const leaf = properPrefixes(key).find((prefix) => view.live.has(prefix));
  return leaf === undefined ? undefined : `nothing can be below ${leaf}, which is a single value`;
}

// By the live leaves, as `wholeReplies`: one request may ask for thousands of keys, and while one is decided no other
// client is answered. Each key must cost a few look-ups, never a walk over all leaves.
const groups = new WeakMap<View["live"], ReadonlySet<string>>();

/** The keys that have live leaves below them. */
function groupsOf(live: View["live"]): ReadonlySet<string> {
  const known = groups.get(live);
  if (known !== undefined) return known;
  const found = new Set<string>();
  for (const text of live.keys()) {
    const parsed = parseKey(text);
    if (parsed.ok) for (const prefix of properPrefixes(parsed.key)) found.add(prefix);
  }
  groups.set(live, found);
  return found;
}

/** The texts of the keys above a key, the shortest first. */
function properPrefixes(key: Key): readonly string[] {
  return key.segments.slice(1).flatMap((_, at) => {
    const prefix = keyFromSegments(key.segments.slice(0, at + 1));
    return prefix.ok ? [prefix.key.text] : [];
  });
}

/** Checks the whole body against the model, then stages its leaves: all or none. */
export function patchSettings(request: ApiRequest, view: View): Decision {
  const reply = (text: string): Decision => ({ kind: "reply", reply: refused(400, text) });
  const transaction = transactionParameter(request);
  if ("refusal" in transaction) return { kind: "reply", reply: transaction.refusal };
  if (!isJsonContentType(request.contentType)) {
    const given = request.contentType === undefined ? "none" : JSON.stringify(request.contentType);
    return reply(`The content type must be application/json, but it is ${given}`);
  }
  const text = decodeUtf8(request.body);
  if (text === undefined) return reply("The body is not JSON: it is not valid UTF-8");
  const parsed = parseJsonSource(text);
  if (!parsed.ok) return reply(problemsSentence(parsed.problems));
  const checked = view.model.checkSettings(parsed.node);
  if (!checked.ok) return reply(problemsSentence(checked.problems));
  return { kind: "stage", transaction: transaction.value, leaves: checked.leaves };
}

/** All problems of a body in one text, each with key, found, accepted, line and column. */
function problemsSentence(problems: readonly Problem[]): string {
  const texts = problems.map((problem) => problemText(problem, "body"));
  const [only] = texts;
  if (texts.length === 1 && only !== undefined) return `Nothing was stored, because of ${only}`;
  return `Nothing was stored, because of ${texts.length} problems:\n${texts.join("\n")}`;
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    // Invalid UTF-8 is an ordinary answer here, and the only way decode() fails.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
