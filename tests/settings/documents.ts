/** Arbitrary documents, derived from the declarations: right ones in which everything is set, and others near them. */
import fc from "fast-check";
import type { Declaration, Group } from "../../host/settings/declaration.ts";
import { type Json, keyFromSegments } from "../../host/settings/index.ts";
import { textsOf, valuesOf } from "./values.ts";

export type Table = { readonly [name: string]: Json };

/** Chooses among the right names of the map at a key. */
type ChooseNames = (segments: readonly string[], all: fc.Arbitrary<string>) => fc.Arbitrary<string>;

/** Which documents are wanted. */
interface Wanted {
  readonly names: ChooseNames;
  /** The most members that a table has, all of them if not given. */
  readonly most?: number;
}

/** Documents that set every leaf; maps have one or two names, and members are at times given by an alias. */
export function fullDocuments(
  model: Group,
  { names = (_, all) => all }: Partial<Wanted> = {},
): fc.Arbitrary<Table> {
  return tables(model, ["settings"], { names });
}

/** Documents as a change has them: some groups, and of each some members. */
export function smallDocuments(model: Group, wanted: Required<Wanted>): fc.Arbitrary<Table> {
  return tables(model, ["settings"], wanted);
}

function documentsOf(
  declaration: Declaration,
  segments: readonly string[],
  wanted: Wanted,
): fc.Arbitrary<Json> {
  switch (declaration.kind) {
    case "leaf":
      return valuesOf(declaration.type.schema);
    case "group":
      return tables(declaration, segments, wanted);
    case "map": {
      // What a whole key may be is said where keys are: with all that stands below, it must be one.
      const longest = longestPath(declaration.value);
      const names = textsOf(declaration.names.schema).filter(
        (name) => keyFromSegments([...segments, name, ...longest]).ok,
      );
      const value = documentsOf(declaration.value, [...segments, "name"], wanted);
      const entry = fc.tuple(wanted.names(segments, names), value);
      return fc
        .uniqueArray(entry, { minLength: 1, maxLength: 2, selector: ([name]) => name })
        .map((entries) => Object.fromEntries(entries));
    }
  }
}

function tables(
  { members, aliases }: Group,
  segments: readonly string[],
  wanted: Wanted,
): fc.Arbitrary<Table> {
  const entries = Object.entries(members).map(([name, member]) => {
    const others = Object.keys(aliases).filter((alias) => aliases[alias] === name);
    return fc.tuple(fc.constantFrom(name, ...others), documentsOf(member, [...segments, name], wanted));
  });
  const chosen =
    wanted.most === undefined
      ? fc.constant(entries)
      : fc.subarray(entries, { minLength: 1, maxLength: Math.min(wanted.most, entries.length) });
  return chosen.chain((some) => fc.tuple(...some)).map((given) => Object.fromEntries(given));
}

function longestPath(declaration: Declaration): readonly string[] {
  if (declaration.kind !== "group") return [];
  const paths = Object.entries(declaration.members).map(([name, member]) => [name, ...longestPath(member)]);
  return paths.toSorted((a, b) => b.join(".").length - a.join(".").length)[0] ?? [];
}

/** JSON values without null, which at most places means "not given". */
const anything: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(true, 1.5, 1e300, "", "x", "true", "5", "a\nb", [], {}, [""], [[]]),
  fc.constantFrom<Json>(0, -1, 5, 101, 256, 65_536, 2 ** 31, -(2 ** 31) - 1, 2 ** 32, 2 ** 53),
  fc.string({ unit: "binary" }),
  fc.array(fc.string(), { maxLength: 2 }),
  fc.dictionary(fc.string(), fc.constantFrom<Json>("x", 1), { maxKeys: 2 }),
);

/**
 * A document with one thing in it replaced, renamed, left out or added: most are wrong.
 *
 * @param names  for what is renamed or added
 */
export function mutated(
  document: Table,
  names: fc.Arbitrary<string> = fc.string({ unit: "grapheme" }),
): fc.Arbitrary<Json> {
  const places = placesIn(document);
  const kinds = fc.constantFrom("replace", "rename", "leave out", "add", "copy from elsewhere");
  return fc.tuple(fc.nat(), kinds, anything, names, fc.nat()).map(([at, kind, value, name, from]) => {
    const path = places[at % places.length] ?? [];
    const other = valueAt(document, places[from % places.length] ?? []);
    return changed(document, path, { kind, value: kind === "copy from elsewhere" ? other : value, name });
  });
}

type Path = readonly (string | number)[];

function placesIn(value: Json, path: Path = []): readonly Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const below = Array.isArray(value)
    ? value.flatMap((item: Json, index) => placesIn(item, [...path, index]))
    : Object.entries(value).flatMap(([name, member]) => placesIn(member, [...path, name]));
  return [path, ...below];
}

function valueAt(value: Json, path: Path): Json {
  return path.reduce<Json>((at, step) => new Map(entriesOf(at)).get(step) ?? "", value);
}

function entriesOf(value: Json): readonly (readonly [string | number, Json])[] {
  if (typeof value !== "object" || value === null) return [];
  return Array.isArray(value) ? [...value.entries()] : Object.entries(value);
}

function changed(
  value: Json,
  [step, ...below]: Path,
  how: { readonly kind: string; readonly value: Json; readonly name: string },
): Json {
  if (typeof value !== "object" || value === null || step === undefined) return how.value;
  const here = below.length === 0;
  const entries = entriesOf(value).flatMap(([name, member]): [string | number, Json][] => {
    if (name !== step) return [[name, member]];
    if (!here) return [[name, changed(member, below, how)]];
    if (how.kind === "leave out") return [];
    if (how.kind === "rename") return [[how.name, member]];
    if (how.kind === "add") {
      return [
        [name, member],
        [how.name, how.value],
      ];
    }
    return [[name, how.value]];
  });
  return Array.isArray(value) ? entries.map(([, member]) => member) : Object.fromEntries(entries);
}
