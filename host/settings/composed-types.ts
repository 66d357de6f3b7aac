/** Types that join other types: objects inside lists, one of two forms, one or many, values not to be shown. */
import { list, refused, secretIf, within } from "./basic-types.ts";
import type { Refusal, Schema, ValueType } from "./declaration.ts";
import { unknownName } from "./nearest.ts";
import { describeKind, type Json, placed, type SourceNode } from "./source.ts";

/** The value of a record: what its members' types take, each if it was given. */
type RecordOf<Members extends Record<string, ValueType<Json>>> = {
  readonly [Name in keyof Members]?: Members[Name] extends ValueType<infer T> ? T : never;
};

/**
 * An object with fixed names, for lists of them: the whole is one value. Every member may be left out; null means
 * left out (specification "settings" 4.4).
 */
export function record<Members extends Record<string, ValueType<Json>>>(
  members: Members,
): ValueType<RecordOf<Members> & { readonly [name: string]: Json }> {
  const known = Object.keys(members);
  const accepted = `a table with the names ${known.join(", ")}`;
  return {
    accepted,
    writtenAs: "json",
    schema: {
      type: "object",
      properties: mapValues(members, (type) => type.schema),
      additionalProperties: false,
    },
    ...secretMembersOf(members),
    read(node, refuse) {
      if (node.kind !== "table") return refused(node, accepted, refuse);
      let right = true;
      const tell = (refusal: Refusal) => {
        right = false;
        refuse(refusal);
      };
      const given = new Map<string, Json>();
      for (const entry of node.entries) {
        const { name, value } = entry;
        const type = Object.hasOwn(members, name) ? members[name] : undefined;
        if (type === undefined) {
          const problem = unknownName(name, known);
          tell({ problem, accepted: `one of ${known.join(", ")}`, ...placed(entry) });
          continue;
        }
        const read = value.kind === "null" ? undefined : type.read(value, within(name, tell));
        if (read !== undefined) given.set(name, read);
      }
      if (!right) return undefined;
      const inOrder = known.flatMap((name) => (given.has(name) ? [[name, given.get(name)]] : []));
      // The loop above read every member with its own type.
      return Object.fromEntries(inOrder) as RecordOf<Members> & { readonly [name: string]: Json };
    },
  };
}

function secretMembersOf(members: Record<string, ValueType<Json>>) {
  const names = Object.entries(members).flatMap(([name, { secret, secretMembers }]) =>
    secret === true ? (secretMembers ?? [name]) : [],
  );
  return names.length === 0 ? {} : { secret: true, secretMembers: names };
}

function mapValues(
  members: Record<string, ValueType<Json>>,
  schema: (type: ValueType<Json>) => Schema,
): Schema {
  return Object.fromEntries(Object.entries(members).map(([name, type]) => [name, schema(type)]));
}

/**
 * A list of records, or a table whose names are one member of each record and whose values are another. Stored as
 * the list, in the order of the document.
 */
export function listOrTable<T extends Json>(
  item: ValueType<T>,
  members: { name: string; value: string; valueSchema: Schema },
): ValueType<readonly T[]> {
  const asList = list(item);
  const asTable: ValueType<readonly T[]> = {
    accepted: `a table from ${members.name} to ${members.value}`,
    writtenAs: "json",
    schema: { type: "object", additionalProperties: members.valueSchema },
    ...secretIf(item),
    read(node, refuse) {
      if (node.kind !== "table") return refused(node, this.accepted, refuse);
      const values = node.entries.map(({ name, value }): T | undefined => {
        if (value.kind === "null") {
          refuse({
            problem: `${JSON.stringify(name)}: found null`,
            accepted: this.accepted,
            ...placed(value),
          });
          return undefined;
        }
        const asRecord: SourceNode = {
          kind: "table",
          entries: [
            { name: members.name, value: { kind: "string", value: name, ...placed(value) } },
            { name: members.value, value },
          ],
        };
        return item.read(asRecord, within(JSON.stringify(name), refuse));
      });
      const right = values.filter((value) => value !== undefined);
      return right.length === values.length ? right : undefined;
    },
  };
  return either("table", asTable, asList);
}

/** One value or a list of such values; stored in the form that was given. */
export function oneOrMany<T extends Json>(
  item: ValueType<T>,
  size: { least?: number } = {},
): ValueType<T | readonly T[]> {
  return either("list", list(item, size), item);
}

/**
 * A value of one of two types, told apart by the kind of what is given.
 *
 * @param kind  what is of this kind must be of the first type, everything else of the second
 */
export function either<A extends Json, B extends Json>(
  kind: SourceNode["kind"],
  first: ValueType<A>,
  second: ValueType<B>,
): ValueType<A | B> {
  const accepted = `${second.accepted}, or ${first.accepted}`;
  return {
    accepted,
    writtenAs: first.writtenAs === "text" || second.writtenAs === "text" ? "json-or-text" : "json",
    schema: { anyOf: [second.schema, first.schema] },
    ...secretIf(first, second),
    read(node, refuse) {
      const tell = (refusal: Refusal) => refuse({ ...refusal, accepted });
      return node.kind === kind ? first.read(node, tell) : second.read(node, tell);
    },
  };
}

/** The same type with another stored form. */
export function storedAs<T extends Json, Stored extends Json>(
  type: ValueType<T>,
  stored: (value: T) => Stored,
): ValueType<Stored> {
  return {
    ...type,
    read(node, refuse) {
      const value = type.read(node, refuse);
      return value === undefined ? undefined : stored(value);
    },
  };
}

/** A type whose values are passwords, tokens or keys: messages say what is wrong without showing any of it. */
export function secret<T extends Json>(type: ValueType<T>): ValueType<T> {
  const { secretMembers: _, ...whole } = type;
  return {
    ...whole,
    secret: true,
    read: (node, refuse) =>
      type.read(node, (refusal) => {
        const problem = `found ${describeKind(node)}, not shown because it is secret`;
        refuse({ ...refusal, problem });
      }),
  };
}
