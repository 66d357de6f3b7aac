/** GET /services and /configuration-files (api.md 6.8). */
import type { Json } from "../settings/index.ts";
import { type DefinitionSection, definitions, entryKey, selectDefinitions } from "./definitions.ts";
import { listParameter, prefixParameter } from "./parameters.ts";
import { found, type Reply, refused } from "./reply.ts";
import type { ApiRequest } from "./request.ts";
import type { View } from "./view.ts";

/** Answers with the named entries, those that a prefix takes, or all. */
export function readDefinitions(section: DefinitionSection, request: ApiRequest, view: View): Reply {
  const names = listParameter(request, "names");
  if ("refusal" in names) return names.refusal;
  if (names.value !== undefined) return byNames(section, names.value, view);

  const prefix = prefixParameter(request);
  if ("refusal" in prefix) return prefix.refusal;
  if (prefix.value !== undefined) return byPrefix(section, prefix.value, view);

  const all = definitions(view.model, section);
  if (all.size === 0) return refused(404, `No ${section} are defined at all`);
  return found(Object.fromEntries(all));
}

function byNames(section: DefinitionSection, names: readonly string[], view: View): Reply {
  const all = definitions(view.model, section);
  const entries: [string, Json][] = [];
  for (const name of names) {
    if (name === "") return refused(400, "The parameter names has an empty name between its commas");
    const entry = all.get(name);
    if (entry === undefined) return refused(404, `${entryKey(section, name)} is not defined`);
    entries.push([name, entry]);
  }
  return found(Object.fromEntries(entries));
}

function byPrefix(section: DefinitionSection, prefix: string, view: View): Reply {
  const selection = selectDefinitions(
    view.model,
    section,
    prefix.startsWith(section) ? prefix : `${section}.${prefix}`,
  );
  return "partOf" in selection ? refused(400, partSentence(selection.partOf)) : found(selection.entries);
}

/** Why a prefix that reaches into an entry is refused. */
export function partSentence(entry: string): string {
  return `The prefix takes only a part of ${entry}; an entry is shown whole, so end the prefix at its name or before`;
}
