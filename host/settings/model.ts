/** The model of one variant: what its settings are, and what is known about them. */
import { declarationAt, nodeOfText, settingsKey } from "./assignments.ts";
import { type Checked, checkNode } from "./check.ts";
import { type Change, type Declaration, type Group, group, type Schema } from "./declaration.ts";
import { fail } from "./failures.ts";
import { type GroupName, groups } from "./groups/index.ts";
import type { Key } from "./keys.ts";
import { type KnownKey, knownKey } from "./known-key.ts";
import { mergeLeaves } from "./merge-leaves.ts";
import { metadataOf } from "./metadata.ts";
import { nestLeaves } from "./nest.ts";
import { rebootReason } from "./reboot.ts";
import { newlyBrokenRules } from "./rules.ts";
import { schemaOf } from "./schema.ts";
import { type Json, type Problem, problemText, type SourceNode, sourceFromJson } from "./source.ts";
import type { ConfigurationFile, Service, Variant } from "./variant.ts";

export interface Model {
  /** The declarations, in the order in which replies show them. */
  readonly declaration: Group;
  /**
   * Checks the inside of a `settings` document.
   *
   * @returns the leaves in stored form by the text of their keys ("settings.motd"), or every problem
   */
  checkSettings(node: SourceNode): Checked;
  /**
   * The rules between settings that a change breaks.
   *
   * @param live, changed  leaves in stored form by the text of their keys; null in `changed` is "to be removed"
   */
  newlyBrokenRules(live: ReadonlyMap<string, Json>, changed: ReadonlyMap<string, Json>): readonly Problem[];
  /** The JSON Schema (draft 2020-12) of the inside of a `settings` document. */
  readonly schema: Schema;
  /** Nests leaves to the inside of `settings`, nulls of a change included; keys of other roots are left out. */
  nest(leaves: ReadonlyMap<string, Json>): { readonly [name: string]: Json };
  /** Reads the text of `apiclient set KEY=TEXT` by the declared type; checked later, with the document. */
  convertText(keyText: string, text: string): SourceNode | Problem;
  /** Looks up a key that begins with "settings", the names of maps included. */
  knownKey(key: Key): KnownKey;
  /** Why a change of this setting needs a reboot; undefined if it does not. */
  rebootReason(key: Key, change: Change): string | undefined;
  /** True if values of this setting, or parts of them, must never be shown. */
  isSecret(key: Key): boolean;
  /** True if the model has a setting, map or group of this key; user-chosen names are not checked. */
  has(key: Key): boolean;
  /** The most specific list on the way to the key; undefined if there is none, or it names no service of the variant. */
  affectedServices(key: Key): readonly string[] | undefined;
  readonly settingGenerators: ReadonlyMap<string, string>;
  /** The template that the generator of a key fills in; inherited like the affected services. */
  template(key: Key): string | undefined;
  readonly services: ReadonlyMap<string, Service>;
  readonly configurationFiles: ReadonlyMap<string, ConfigurationFile>;
  /** The default settings as leaves. */
  readonly defaults: ReadonlyMap<string, Json>;
}

/**
 * Makes the model of a variant.
 *
 * @throws Failure "settings/bad-variant" if metadata has the wrong shape; `defaults` throws the same when a
 *   default does not fit the model, which the build has checked before
 */
export function buildModel(variant: Variant): Model {
  const declaration = declarationOf(variant.groups);
  const metadata = metadataOf(declaration, variant);
  let defaults: ReadonlyMap<string, Json> | undefined;
  const nest = (leaves: ReadonlyMap<string, Json>) => {
    const { settings } = nestLeaves(leaves, declaration);
    return isTable(settings) ? settings : {};
  };
  return {
    declaration,
    checkSettings: (node) => withGroupHints(checkNode(declaration, ["settings"], node), variant),
    get schema() {
      return {
        $schema: "https://json-schema.org/draft/2020-12/schema",
        title: `The settings of ${variant.name}`,
        ...schemaOf(declaration),
      };
    },
    newlyBrokenRules: (live, changed) =>
      newlyBrokenRules(
        declaration,
        () => nest(live),
        () => nest(mergeLeaves(live, changed)),
        metadata.settingGenerators,
      ),
    nest,
    convertText(keyText, text) {
      const parsed = settingsKey(keyText);
      if (parsed.ok) return nodeOfText(declaration, parsed.key, text);
      return { key: keyText, problem: `not a key: ${parsed.reason}`, accepted: "a dotted key such as motd" };
    },
    knownKey(key) {
      const known = knownKey(declaration, key);
      return known.ok ? known : { ok: false, problem: withGroupHint(known.problem, variant) };
    },
    rebootReason: (key, change) => rebootReason(declaration, key, change),
    isSecret({ segments }) {
      const found = declarationAt(declaration, segments.slice(1));
      return found?.kind === "leaf" && found.type.secret === true;
    },
    has: ({ segments }) =>
      segments[0] === "settings" && declarationAt(declaration, segments.slice(1)) !== undefined,
    affectedServices: (key) => metadata.nearest(key, "affectedServices"),
    settingGenerators: metadata.settingGenerators,
    template: (key) => metadata.nearest(key, "template"),
    services: variant.services,
    configurationFiles: variant.configurationFiles,
    get defaults() {
      // Most programs never ask for them.
      defaults ??= defaultsOf(declaration, variant);
      return defaults;
    },
  };
}

/** The declarations of some groups, in the order of the model. */
export function declarationOf(names: readonly GroupName[]): Group {
  const members: Record<string, Declaration> = {};
  for (const [name, declaration] of Object.entries(groups)) {
    if (names.some((wanted) => wanted === name)) members[name] = declaration;
  }
  return group(members);
}

/** Says of an unknown group that it exists, but not here: user data of another variant is a likely mistake. */
function withGroupHints(checked: Checked, variant: Variant): Checked {
  if (checked.ok) return checked;
  return { ok: false, problems: checked.problems.map((problem) => withGroupHint(problem, variant)) };
}

function withGroupHint(problem: Problem, variant: Variant): Problem {
  const name = problem.key.slice("settings.".length);
  const elsewhere = Object.hasOwn(groups, name) && !variant.groups.some((present) => present === name);
  if (!elsewhere) return problem;
  return {
    ...problem,
    problem: `variant ${variant.name} has no group ${JSON.stringify(name)}, but others have`,
  };
}

function defaultsOf(declaration: Group, variant: Variant): ReadonlyMap<string, Json> {
  const checked = checkNode(declaration, ["settings"], sourceFromJson(variant.settings));
  if (checked.ok) return checked.leaves;
  const mistakes = checked.problems.map((problem) => ({
    file: `defaults of ${variant.name}`,
    field: problem.key,
    found: problem.problem,
    accepted: problem.accepted,
  }));
  throw fail(
    "settings/bad-variant",
    { mistakes },
    { cause: new Error(checked.problems.map((p) => problemText(p)).join("; ")) },
  );
}

function isTable(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
