/**
 * Metadata of settings: what the declarations say, with the overrides of a variant (specification "api" 3.5).
 * The most specific key that says something about a name wins; values are never merged.
 */
import { type About, type Declaration, type Group, memberNamed } from "./declaration.ts";
import { fail, type Mistake } from "./failures.ts";
import { type Key, keyText } from "./keys.ts";
import type { ServiceName } from "./services.ts";
import { isTable, type Json, type JsonTable } from "./source.ts";
import type { Variant } from "./variant.ts";

/** What is known about one key itself, not about those above it. */
export interface KeyMetadata {
  affectedServices?: readonly string[];
  settingGenerator?: string;
  template?: string;
}

export interface Metadata {
  /**
   * The nearest statement on the way from the first segment to the full key; undefined if there is none, or if it
   * is that no service of the variant is affected (specification "settings" 3.4: such keys are left out).
   */
  nearest<Name extends keyof KeyMetadata>(key: Key, name: Name): KeyMetadata[Name] | undefined;
  /** Every key that itself has a generator, with the command line. */
  readonly settingGenerators: ReadonlyMap<string, string>;
}

/**
 * Joins declarations and overrides.
 *
 * @throws Failure "settings/bad-variant" for an override of the wrong shape
 */
export function metadataOf(model: Group, variant: Variant): Metadata {
  const overrides = overriddenKeys(variant);
  const declared = (declaration: Declaration | undefined): KeyMetadata => {
    const about = declaration?.about;
    // A declaration names the services of all variants; a variant has some of them.
    const affected = affectedIn(variant, about)?.filter((service) => variant.services.has(service));
    const generator = generatorIn(variant, about);
    return {
      ...(affected === undefined ? {} : { affectedServices: affected }),
      ...(generator === undefined ? {} : { settingGenerator: generator }),
    };
  };
  const said = (text: string, declaration: Declaration | undefined): KeyMetadata => ({
    ...declared(declaration),
    ...overrides.get(text),
  });
  return {
    nearest(key, name) {
      let found: KeyMetadata = {};
      for (const step of stepsOf(model, key.segments)) {
        found = { ...found, ...said(step.text, step.declaration) };
      }
      const value = found[name];
      return Array.isArray(value) && value.length === 0 ? undefined : value;
    },
    settingGenerators: generators(model, said, overrides),
  };
}

function affectedIn(variant: Variant, about: About | undefined): readonly string[] | undefined {
  const affects = about?.affects;
  if (affects === undefined || isList(affects)) return affects;
  const byRuntime: { readonly [runtime: string]: readonly string[] } = affects;
  return Object.hasOwn(affects, variant.runtime) ? byRuntime[variant.runtime] : undefined;
}

// Array.isArray does not narrow a union that contains readonly arrays.
function isList(affects: NonNullable<About["affects"]>): affects is readonly ServiceName[] {
  return Array.isArray(affects);
}

function generatorIn(variant: Variant, about: About | undefined): string | undefined {
  const command = about?.generatedBy;
  if (command === undefined || typeof command === "string") return command;
  const byPlatform: { readonly [platform: string]: string } = command;
  return Object.hasOwn(command, variant.platform) ? byPlatform[variant.platform] : undefined;
}

interface Step {
  readonly text: string;
  readonly declaration: Declaration | undefined;
}

/** Every key on the way from "settings" to a key, with its declaration as far as there is one. */
function* stepsOf(model: Group, segments: readonly string[]): Generator<Step> {
  let declaration: Declaration | undefined;
  for (const [index, segment] of segments.entries()) {
    if (index === 0) declaration = segment === "settings" ? model : undefined;
    else if (declaration?.kind === "group") declaration = memberNamed(declaration, segment)?.value;
    else declaration = declaration?.kind === "map" ? declaration.value : undefined;
    yield { text: keyText(segments.slice(0, index + 1)), declaration };
  }
}

function generators(
  model: Group,
  said: (text: string, declaration: Declaration | undefined) => KeyMetadata,
  overrides: ReadonlyMap<string, KeyMetadata>,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const visit = (segments: readonly string[], declaration: Declaration): void => {
    const text = keyText(segments);
    const command = said(text, declaration).settingGenerator;
    if (command !== undefined) found.set(text, command);
    // What is below a map has no key of its own before a user chooses a name.
    if (declaration.kind !== "group") return;
    for (const [name, member] of Object.entries(declaration.members)) visit([...segments, name], member);
  };
  visit(["settings"], model);
  for (const [text, { settingGenerator }] of overrides) {
    if (settingGenerator !== undefined) found.set(text, settingGenerator);
  }
  return found;
}

const accepted = "affected-services (a list of names), setting-generator or template (a string)";

/** What the data of a variant says about keys, by the text of the key. */
export function overriddenKeys(variant: Variant): ReadonlyMap<string, KeyMetadata> {
  const overrides = new Map<string, KeyMetadata>();
  const mistakes: Mistake[] = [];
  const visit = (segments: readonly string[], table: JsonTable): void => {
    for (const [name, value] of Object.entries(table)) {
      if (isTable(value)) {
        visit([...segments, name], value);
        continue;
      }
      const item = metadataItem(name, value);
      const text = keyText(segments);
      if (item !== undefined) overrides.set(text, { ...overrides.get(text), ...item });
      else {
        const field = keyText(["metadata", ...segments, name]);
        mistakes.push({ file: variant.name, field, found: `found ${JSON.stringify(value)}`, accepted });
      }
    }
  };
  visit([], variant.metadata);
  if (mistakes.length > 0) throw fail("settings/bad-variant", { mistakes });
  return overrides;
}

function metadataItem(name: string, value: Json): KeyMetadata | undefined {
  if (name === "affected-services" && Array.isArray(value)) {
    const services = value.filter((service) => typeof service === "string");
    return services.length === value.length ? { affectedServices: services } : undefined;
  }
  if (typeof value !== "string") return undefined;
  if (name === "setting-generator") return { settingGenerator: value };
  return name === "template" ? { template: value } : undefined;
}
