/** GET / and /os: the whole model and its os section (api.md 6.2, 6.6). */
import type { Json } from "../settings/index.ts";
import { partSentence } from "./definition-routes.ts";
import { type DefinitionSection, definitions, selectDefinitions } from "./definitions.ts";
import type { Os } from "./os-release.ts";
import { prefixParameter } from "./parameters.ts";
import { found, type Reply, refused } from "./reply.ts";
import type { ApiRequest } from "./request.ts";
import { noSettings, selectLeaves } from "./settings-routes.ts";
import { sortedDeep } from "./sorted.ts";
import type { View } from "./view.ts";

const DEFINITION_SECTIONS: readonly DefinitionSection[] = ["services", "configuration-files"];

/** Answers with all four sections, or with what a prefix takes of them; alphabetical at every level. */
export function readModel(request: ApiRequest, view: View): Reply {
  const prefix = prefixParameter(request);
  if ("refusal" in prefix) return prefix.refusal;
  return prefix.value === undefined ? wholeModel(view) : modelByPrefix(prefix.value, view);
}

function wholeModel(view: View): Reply {
  if (view.live.size === 0) return noSettings;
  const missing = DEFINITION_SECTIONS.find((section) => definitions(view.model, section).size === 0);
  if (missing !== undefined) return refused(404, `No ${missing} are defined at all`);
  const os = view.os();
  if (typeof os === "string") return unreadable(os);
  const texts: Record<string, string> = { ...textsOfSections(view), os: textOf({ ...os }) };
  const sections = Object.keys(texts).sort();
  const members = sections.map((section) => `${JSON.stringify(section)}:${texts[section]}`);
  return { status: 200, kind: "json", body: `{${members.join()}}` };
}

// By the live leaves, which a commit replaces: nesting and sorting all of them takes many times longer than the rest.
// The os section is read anew for every request.
const sectionTexts = new WeakMap<View["live"], Readonly<Record<string, string>>>();

function textsOfSections(view: View): Readonly<Record<string, string>> {
  const known = sectionTexts.get(view.live);
  if (known !== undefined) return known;
  const texts: Record<string, string> = { settings: textOf(view.model.nest(view.live)) };
  for (const section of DEFINITION_SECTIONS) {
    texts[section] = textOf(Object.fromEntries(definitions(view.model, section)));
  }
  sectionTexts.set(view.live, texts);
  return texts;
}

const textOf = (value: Json): string => JSON.stringify(sortedDeep(value));

function modelByPrefix(prefix: string, view: View): Reply {
  const model: Record<string, Json> = {};
  const settingsPrefix = sectionPrefix("settings", prefix);
  if (settingsPrefix !== undefined) {
    const leaves = selectLeaves(view, settingsPrefix);
    if (leaves.size > 0) model.settings = view.model.nest(leaves);
  }
  for (const section of DEFINITION_SECTIONS) {
    const wanted = sectionPrefix(section, prefix);
    if (wanted === undefined) continue;
    const selection = selectDefinitions(view.model, section, wanted);
    if ("partOf" in selection) return refused(400, partSentence(selection.partOf));
    if (Object.keys(selection.entries).length > 0) model[section] = selection.entries;
  }
  const osPrefix = sectionPrefix("os", prefix);
  if (osPrefix !== undefined) {
    const os = view.os();
    if (typeof os === "string") return unreadable(os);
    model.os = selectOs(os, osPrefix);
  }
  return found(sortedDeep(model));
}

/** The prefix to filter a section with, or `undefined` when the prefix does not concern the section. */
function sectionPrefix(section: string, prefix: string): string | undefined {
  const root = `${section}.`;
  if (root.startsWith(prefix)) return root;
  return prefix.startsWith(root) ? prefix : undefined;
}

/** Answers with the os section, or the fields of it that a prefix takes. */
export function readOs(request: ApiRequest, view: View): Reply {
  const prefix = prefixParameter(request);
  if ("refusal" in prefix) return prefix.refusal;
  const os = view.os();
  if (typeof os === "string") return unreadable(os);
  if (prefix.value === undefined) return found(os);
  return found(selectOs(os, prefix.value.startsWith("os") ? prefix.value : `os.${prefix.value}`));
}

function selectOs(os: Os, prefix: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(os).filter(([name]) => `os.${name}`.startsWith(prefix)));
}

const unreadable = (why: string): Reply => refused(500, `Cannot tell the os: ${why}`);
