/**
 * Declarations → JSON Schema (draft 2020-12) of settings documents, for editors, for the description of the API and
 * for programs that write documents.
 *
 * The schema takes what the check takes, with these differences, which no schema can say:
 * - null, which in most places means "not given", is left out: no document needs it;
 * - 5.0 is an integer to a schema, and is refused by the check;
 * - rules that are functions (`problem` of a text rule): addresses, URLs, certificates;
 * - rules between settings, which also look at what is set already;
 * - a whole key must be usable: at most 255 characters, of those that keys may have.
 */
import type { About, Declaration, Group, Schema } from "./declaration.ts";

/** The schema of what a declaration takes. */
export function schemaOf(declaration: Declaration): Schema {
  const said = saidOf(declaration.about);
  switch (declaration.kind) {
    case "leaf":
      return { ...said, ...declaration.type.schema };
    case "group":
      return { ...said, ...schemaOfGroup(declaration) };
    case "map":
      return {
        ...said,
        type: "object",
        propertyNames: declaration.names.schema,
        additionalProperties: schemaOf(declaration.value),
      };
  }
}

function saidOf(about: About | undefined): Schema {
  if (about === undefined) return {};
  return { description: about.doc, ...(about.example === undefined ? {} : { examples: [about.example] }) };
}

function schemaOfGroup({ members, aliases }: Group): Schema {
  const aliased = Object.entries(aliases).flatMap(([alias, name]): [string, Schema][] => {
    const member = members[name];
    return member === undefined ? [] : [[alias, { ...schemaOf(member), deprecated: true }]];
  });
  const both = Object.entries(aliases).map(([alias, name]) => ({ not: { required: [name, alias] } }));
  return {
    type: "object",
    properties: Object.fromEntries([
      ...Object.entries(members).map(([name, member]): [string, Schema] => [name, schemaOf(member)]),
      ...aliased,
    ]),
    additionalProperties: false,
    ...(both.length === 0 ? {} : { allOf: both }),
  };
}
