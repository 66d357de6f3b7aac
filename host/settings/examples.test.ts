/**
 * Every rule of the model has an example that is accepted and one that is refused, at its bounds too: the examples
 * are asked here, and a declaration without any fails.
 */
import { describe, expect, test } from "bun:test";
import type { Declaration, Group, NameType, ValueType } from "./declaration.ts";
import { containersNames, containersSettings } from "./groups/containers-examples.ts";
import { healthSettings } from "./groups/health-examples.ts";
import { hostSettings } from "./groups/host-examples.ts";
import { groups } from "./groups/index.ts";
import { kubernetesNames, kubernetesSettings } from "./groups/kubernetes-examples.ts";
import { platformsNames, platformsSettings } from "./groups/platforms-examples.ts";
import { ruleExamples } from "./groups/rule-examples.ts";
import { brokenRules, describeNames, describeSettings } from "./groups/testing.ts";
import { parseKey } from "./keys.ts";
import { type Json, sourceFromJson } from "./source.ts";
import { testModel } from "./testing.ts";
import { nameExamples, typeExamples } from "./type-examples.ts";

const settingRows = [
  ...hostSettings,
  ...healthSettings,
  ...kubernetesSettings,
  ...containersSettings,
  ...platformsSettings,
];
const nameRows = [...kubernetesNames, ...containersNames, ...platformsNames];
const model = testModel();

describeSettings(settingRows);
describeNames(nameRows);
describe("rules between settings", () => {
  for (const [situation, document, broken] of ruleExamples) {
    test(situation, () => expect(brokenRules(document)).toEqual(broken));
  }
});

/** What is known to be accepted and refused by one type. */
interface Known {
  readonly accepted: Json[];
  readonly refused: Json[];
}

describe("every type has examples of what it accepts and what it refuses", () => {
  const known = new Map<ValueType<Json>, Known>();
  for (const [, type, { accepted, refused, refusedBeyondSchema = [] }] of typeExamples) {
    learn(known, type, accepted, [...refused, ...refusedBeyondSchema]);
  }
  for (const [
    key,
    ,
    { accepted = [], converted = [], refused = [], refusedBeyondSchema = [] },
  ] of settingRows) {
    const found = declarationOf(key);
    if (found?.kind !== "leaf") throw new Error(`the row of ${key} is about no setting`);
    const given = converted.map(([value]) => value);
    learn(known, found.type, [...accepted, ...given], [...refused, ...refusedBeyondSchema]);
  }
  for (const [key, declaration] of everyDeclaration("settings", model.declaration)) {
    if (declaration.kind !== "leaf") continue;
    test(key, () => expect(gapsOf(declaration.type.schema, known.get(declaration.type))).toEqual([]));
  }
});

describe("the names of every map have examples", () => {
  const known = new Map<NameType, Known>();
  for (const [, type, accepted, refused] of nameExamples) learn(known, type, accepted, refused);
  for (const [key, , , accepted, refused] of nameRows) {
    const found = declarationOf(key);
    if (found?.kind !== "map") throw new Error(`the row of ${key} is about no map`);
    learn(known, found.names, accepted, refused);
  }
  for (const [key, declaration] of everyDeclaration("settings", model.declaration)) {
    if (declaration.kind !== "map") continue;
    const { names } = declaration;
    // Many words, each of which stands in the schema: some of them are enough.
    const schema = names.words !== undefined && names.words.length > 10 ? {} : names.schema;
    test(key, () => expect(gapsOf(schema, known.get(names))).toEqual([]));
  }
});

describe("every rule between settings has a document that keeps it and one that breaks it", () => {
  const kept = new Set<unknown>();
  const broken = new Set<unknown>();
  for (const [, document] of ruleExamples) {
    const checked = model.checkSettings(sourceFromJson(document));
    const settings = checked.ok ? model.nest(checked.leaves) : {};
    for (const [table, declaration] of everyTable(settings, model.declaration)) {
      for (const rule of declaration.rules) (rule(table, () => false).length === 0 ? kept : broken).add(rule);
    }
  }
  for (const [key, declaration] of everyDeclaration("settings", model.declaration)) {
    if (declaration.kind !== "group") continue;
    for (const [index, rule] of declaration.rules.entries()) {
      test(`rule ${index + 1} of ${key}`, () => {
        expect([kept.has(rule), broken.has(rule)]).toEqual([true, true]);
      });
    }
  }
});

test("there is a setting for each of the 41 capabilities and 16 limits", () => {
  const { capabilities, "resource-limits": limits } = groups["oci-defaults"].members;
  expect(capabilities.names.words).toHaveLength(41);
  expect(limits.names.words).toHaveLength(16);
});

function learn<Type>(
  known: Map<Type, Known>,
  type: Type,
  accepted: readonly Json[],
  refused: readonly Json[],
): void {
  const before = known.get(type) ?? { accepted: [], refused: [] };
  before.accepted.push(...accepted);
  before.refused.push(...refused);
  known.set(type, before);
}

/** The examples that are missing of a type; bounds and words are read from its schema. */
function gapsOf(
  schema: { readonly [keyword: string]: Json },
  { accepted, refused }: Known = { accepted: [], refused: [] },
): readonly string[] {
  const gaps: string[] = [];
  if (accepted.length === 0) gaps.push("nothing that is accepted");
  if (refused.length === 0) gaps.push("nothing that is refused");
  const wants = (from: readonly Json[], wanted: Json, where: string) => {
    if (!from.includes(wanted)) gaps.push(`${JSON.stringify(wanted)} ${where}`);
  };
  const { minimum, maximum, minLength, maxLength } = schema;
  if (typeof minimum === "number") {
    wants(accepted, minimum, "that is accepted");
    wants(refused, minimum - 1, "that is refused");
  }
  if (typeof maximum === "number") {
    wants(accepted, maximum, "that is accepted");
    wants(refused, maximum + 1, "that is refused");
  }
  const lengths = (values: readonly Json[]) =>
    values.filter((value) => typeof value === "string").map((value) => value.length);
  if (typeof minLength === "number" && minLength > 0) wants(lengths(refused), minLength - 1, "long, refused");
  if (typeof maxLength === "number") {
    wants(lengths(accepted), maxLength, "long, accepted");
    wants(lengths(refused), maxLength + 1, "long, refused");
  }
  const words = Array.isArray(schema.enum) ? schema.enum : [];
  for (const word of words) wants(accepted, word, "that is accepted");
  return gaps;
}

/** What stands at a key below "settings."; names of maps may be any. */
function declarationOf(key: string): Declaration | undefined {
  const parsed = parseKey(key);
  const segments = parsed.ok ? parsed.key.segments : [];
  return segments.reduce<Declaration | undefined>((at, name) => {
    if (at?.kind === "map") return at.value;
    return at?.kind === "group" ? at.members[name] : undefined;
  }, model.declaration);
}

function* everyDeclaration(key: string, declaration: Declaration): Generator<[string, Declaration]> {
  yield [key, declaration];
  if (declaration.kind === "map") yield* everyDeclaration(`${key}.*`, declaration.value);
  if (declaration.kind !== "group") return;
  for (const [name, member] of Object.entries(declaration.members)) {
    yield* everyDeclaration(`${key}.${name}`, member);
  }
}

type Table = { readonly [name: string]: Json };

/** Every table of a document that a group is about. */
function* everyTable(value: Json | undefined, declaration: Declaration): Generator<[Table, Group]> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return;
  const table = value as Table;
  if (declaration.kind === "map") {
    for (const entry of Object.values(table)) yield* everyTable(entry, declaration.value);
  }
  if (declaration.kind !== "group") return;
  yield [table, declaration];
  for (const [name, member] of Object.entries(declaration.members)) yield* everyTable(table[name], member);
}
