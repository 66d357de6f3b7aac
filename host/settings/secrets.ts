/** What of a settings document is secret, by the types of the model: a setting with a secret type is known here by itself. */
import { type Declaration, type Group, memberNamed, type ValueType } from "./declaration.ts";
import type { Json } from "./source.ts";

/** Stands for the value of a secret wherever one would be shown. */
export const secretText = "(secret)";

type Table = { readonly [name: string]: Json };

/**
 * The document without the settings that are secret, or that have a part that is. A table that has nothing else goes
 * with them; so does what the model does not know, because nobody can say what it is.
 *
 * @param model     the inside of `settings`
 * @param settings  a document of its form
 */
export function withoutSecrets(model: Group, settings: Table): Table {
  return openTable(model, settings) ?? {};
}

function openPart(declaration: Declaration, value: Json): Json | undefined {
  if (declaration.kind === "leaf") return declaration.type.secret === true ? undefined : value;
  return isTable(value) ? openTable(declaration, value) : undefined;
}

function openTable(declaration: Exclude<Declaration, { kind: "leaf" }>, table: Table): Table | undefined {
  const open = Object.entries(table).flatMap(([name, value]): [string, Json][] => {
    const member = memberOf(declaration, name);
    const part = member === undefined ? undefined : openPart(member, value);
    return part === undefined ? [] : [[name, part]];
  });
  return open.length === 0 && Object.keys(table).length > 0 ? undefined : Object.fromEntries(open);
}

/** Every text that is secret in a document: values, or the members of them that are. */
export function secretTexts(model: Declaration, document: Json): readonly string[] {
  if (model.kind === "leaf") return model.type.secret === true ? textsOfType(model.type, document) : [];
  if (!isTable(document)) return [];
  return Object.entries(document).flatMap(([name, value]) => {
    const member = memberOf(model, name);
    return member === undefined ? [] : secretTexts(member, value);
  });
}

function textsOfType({ secretMembers }: ValueType<Json>, value: Json): readonly string[] {
  return secretMembers === undefined ? textsIn(value) : membersNamed(secretMembers, value).flatMap(textsIn);
}

function membersNamed(names: readonly string[], value: Json): readonly Json[] {
  if (Array.isArray(value)) return value.flatMap((item: Json) => membersNamed(names, item));
  if (!isTable(value)) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    names.includes(name) ? [member] : membersNamed(names, member),
  );
}

function textsIn(value: Json): readonly string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isTable(value) ? Object.values(value).flatMap(textsIn) : [];
}

/** The names under which secrets stand, in the settings and in the files that are rendered from them. */
export function secretNames(model: Declaration, name = ""): readonly string[] {
  const named = (): readonly (readonly string[])[] => {
    switch (model.kind) {
      case "leaf":
        return model.type.secret === true ? [model.type.secretMembers ?? [name]] : [];
      case "group":
        return Object.entries(model.members).map(([member, value]) => secretNames(value, member));
      case "map":
        return [secretNames(model.value, name)];
    }
  };
  return [...new Set(named().flat())];
}

function memberOf(declaration: Exclude<Declaration, { kind: "leaf" }>, name: string) {
  return declaration.kind === "map" ? declaration.value : memberNamed(declaration, name)?.value;
}

function isTable(value: Json): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
