/**
 * The settings reference: what the declarations and the variants say about each setting, put together once for the
 * pages, the committed text and `explain`.
 *
 * An entry stands for a setting, a map or a group. Where users choose a name, its key has the placeholder NAME.
 */
import {
  type Declaration,
  groups,
  type Json,
  keyFromSegments,
  keyText,
  type Model,
  parseKey,
} from "../host/settings/index.ts";
import type { VariantModel } from "./variants.ts";

export const placeholder = "NAME";

/** Something that is the same in some variants. */
export interface Said<T> {
  readonly value: T;
  readonly variants: readonly string[];
}

/** The value of one setting; its key has real names in place of placeholders. */
export interface Default {
  readonly key: string;
  readonly value: Json;
}

export interface Generator {
  readonly key: string;
  readonly command: string;
  /** What the command fills in, where it does so. */
  readonly template: string | undefined;
}

/** What a change of a setting does in one variant: for each service, the files written and the commands run. */
export interface Effect {
  readonly service: string;
  readonly files: readonly string[];
  readonly commands: readonly string[];
}

export interface Entry {
  readonly segments: readonly string[];
  /** The full key: "settings.host-containers.NAME.source". */
  readonly key: string;
  readonly declaration: Declaration;
  /** The declarations on the way from the group to this one, itself included. */
  readonly path: readonly Declaration[];
  /** Other names of the last segment. */
  readonly aliases: readonly string[];
  readonly variants: readonly string[];
  readonly defaults: readonly Said<Default>[];
  readonly generators: readonly Said<Generator>[];
  readonly effects: readonly Said<Effect>[];
}

export interface ReferenceGroup {
  readonly name: string;
  /** The group itself, then everything below it in the order of the model. */
  readonly entries: readonly [Entry, ...Entry[]];
}

export interface Reference {
  readonly variants: readonly string[];
  readonly groups: readonly ReferenceGroup[];
}

/** Everything that is declared, in variants or not, in the order of the model. */
export function referenceOf(models: readonly VariantModel[]): Reference {
  const facts = models.map(factsOf);
  return {
    variants: models.map(({ name }) => name),
    groups: Object.entries<Declaration>(groups).map(([name, declaration]) => ({
      name,
      entries: entriesOf(["settings", name], declaration, [declaration], [], facts),
    })),
  };
}

/** What one variant says, by the keys of entries. */
interface Facts {
  readonly variant: string;
  readonly model: Model;
  readonly defaults: ReadonlyMap<string, readonly Default[]>;
  readonly generators: ReadonlyMap<string, readonly Generator[]>;
}

function factsOf({ name, model }: VariantModel): Facts {
  const defaults = [...model.defaults].map(([key, value]): Default => ({ key, value }));
  const generators = [...model.settingGenerators].map(([text, command]): Generator => {
    const parsed = parseKey(text);
    const template = parsed.ok ? model.template(parsed.key) : undefined;
    // A template is inherited like everything that is said of keys, but only this generator looks at it.
    return { key: text, command, template: command.startsWith("schnauzer ") ? template : undefined };
  });
  return {
    variant: name,
    model,
    defaults: Map.groupBy(defaults, ({ key }) => entryKey(model.declaration, key)),
    generators: Map.groupBy(generators, ({ key }) => entryKey(model.declaration, key)),
  };
}

/** The key of the entry that a real key belongs to. */
export function entryKey(model: Declaration, text: string): string {
  const parsed = parseKey(text);
  if (!parsed.ok) return text;
  let declaration: Declaration | undefined = model;
  const segments = parsed.key.segments.map((segment, index) => {
    if (index === 0) return segment;
    if (declaration?.kind === "map") {
      declaration = declaration.value;
      return placeholder;
    }
    declaration = declaration?.kind === "group" ? declaration.members[segment] : undefined;
    return segment;
  });
  return keyText(segments);
}

function entriesOf(
  segments: readonly string[],
  declaration: Declaration,
  path: readonly Declaration[],
  aliases: readonly string[],
  facts: readonly Facts[],
): readonly [Entry, ...Entry[]] {
  const key = keyText(segments);
  const having = facts.filter(({ model }) => Object.hasOwn(model.declaration.members, segments[1] ?? ""));
  const entry: Entry = {
    segments,
    key,
    declaration,
    path,
    aliases,
    variants: having.map(({ variant }) => variant),
    defaults: said(having, ({ defaults }) => defaults.get(key) ?? []),
    generators: said(having, ({ generators }) => generators.get(key) ?? []),
    effects: said(having, ({ model }) => effectsOf(model, segments)),
  };
  return [entry, ...below(declaration).flatMap(nested)];

  function nested({ name, value, aliases }: Below): readonly Entry[] {
    return entriesOf([...segments, name], value, [...path, value], aliases, facts);
  }
}

interface Below {
  readonly name: string;
  readonly value: Declaration;
  readonly aliases: readonly string[];
}

/** What stands directly below a declaration. */
export function below(declaration: Declaration): readonly Below[] {
  switch (declaration.kind) {
    case "leaf":
      return [];
    case "map":
      return [{ name: placeholder, value: declaration.value, aliases: [] }];
    case "group":
      return Object.entries(declaration.members).map(([name, value]) => ({
        name,
        value,
        aliases: Object.keys(declaration.aliases).filter((alias) => declaration.aliases[alias] === name),
      }));
  }
}

function effectsOf(model: Model, segments: readonly string[]): readonly Effect[] {
  const parsed = keyFromSegments(segments);
  const services = parsed.ok ? (model.affectedServices(parsed.key) ?? []) : [];
  return services.map((service) => {
    const { configurationFiles = [], restartCommands = [] } = model.services.get(service) ?? {};
    const files = configurationFiles.map((name) => model.configurationFiles.get(name)?.path ?? name);
    return { service, files, commands: restartCommands };
  });
}

/** Joins what variants say in the same words. */
function said<T>(facts: readonly Facts[], say: (facts: Facts) => readonly T[]): readonly Said<T>[] {
  const found = new Map<string, { value: T; variants: string[] }>();
  for (const one of facts) {
    for (const value of say(one)) {
      const text = JSON.stringify(value);
      const known = found.get(text);
      if (known === undefined) found.set(text, { value, variants: [one.variant] });
      else known.variants.push(one.variant);
    }
  }
  return [...found.values()];
}
