/** The sections `services` and `configuration-files`: shown by name or prefix, derived from the model. */
import { type Json, keyFromSegments, type Model } from "../settings/index.ts";

/** The two sections of the model that are definitions, not settings. */
export type DefinitionSection = "services" | "configuration-files";

type Definitions = ReadonlyMap<string, Readonly<Record<string, Json>>>;

// By model, which never changes: a request may ask for thousands of keys.
const known: Readonly<Record<DefinitionSection, WeakMap<Model, Definitions>>> = {
  services: new WeakMap(),
  "configuration-files": new WeakMap(),
};

/** The entries of a section in their API form, by name. */
export function definitions(model: Model, section: DefinitionSection): Definitions {
  const before = known[section].get(model);
  if (before !== undefined) return before;
  const made = makeDefinitions(model, section);
  known[section].set(model, made);
  return made;
}

function makeDefinitions(model: Model, section: DefinitionSection): Definitions {
  if (section === "services") {
    const services = [...model.services].map(([name, service]) => {
      const entry = {
        "configuration-files": service.configurationFiles,
        "restart-commands": service.restartCommands,
      };
      return [name, entry] as const;
    });
    return new Map(services);
  }
  const files = [...model.configurationFiles].map(([name, file]) => {
    return [name, { path: file.path, "template-path": file.templatePath }] as const;
  });
  return new Map(files);
}

/** Entries whose keys begin with a prefix, or the key of a part that cannot be shown alone. */
export type Selection = { readonly entries: Readonly<Record<string, Json>> } | { readonly partOf: string };

/**
 * Selects entries by the beginning of their dotted keys, as text.
 *
 * @param prefix  with the section in front, e.g. `services.nt`
 * @returns `partOf` when the prefix takes one field of an entry but not the other: an entry is shown whole or not at all
 * @source  specification "api" 6.8 (where the reference answers 500)
 */
export function selectDefinitions(model: Model, section: DefinitionSection, prefix: string): Selection {
  const entries: [string, Json][] = [];
  for (const [name, entry] of definitions(model, section)) {
    const fields = Object.keys(entry);
    const chosen = fields.filter((field) => `${entryKey(section, name)}.${field}`.startsWith(prefix));
    if (chosen.length === fields.length) entries.push([name, entry]);
    else if (chosen.length > 0) return { partOf: entryKey(section, name) };
  }
  return { entries: Object.fromEntries(entries) };
}

/** The dotted key of an entry; a name that cannot be part of a key is shown as it is. */
export function entryKey(section: DefinitionSection, name: string): string {
  const key = keyFromSegments([section, name]);
  return key.ok ? key.key.text : `${section}.${JSON.stringify(name)}`;
}
