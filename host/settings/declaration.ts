/**
 * The words in which settings are declared. A declaration is the one place that says what a setting is:
 * checks, stored form, affected services, generators, documentation and schema are all read from it.
 */
import type { ServiceName } from "./services.ts";
import type { Json, Position, SourceNode } from "./source.ts";

/** Something a type does not take, before it is known under which key. */
export interface Refusal {
  readonly problem: string;
  readonly accepted: string;
  readonly at?: Position;
}

/** A JSON Schema (draft 2020-12) of one value. */
export type Schema = { readonly [keyword: string]: Json };

/** The type of one leaf: what is accepted, and the value that is stored for it. */
export interface ValueType<T extends Json> {
  /** What a right value looks like, as the words after "accepted:". */
  readonly accepted: string;
  /**
   * How `apiclient set KEY=TEXT` reads the text: as it stands, as true or false, as a number, as JSON, as JSON or
   * as it stands if it is none.
   */
  readonly writtenAs: "text" | "boolean" | "integer" | "json" | "json-or-text";
  /** Takes everything that `read` takes. It takes more where a rule cannot be said in a schema. */
  readonly schema: Schema;
  /** True if values, or parts of them, must never be shown in messages. */
  readonly secret?: boolean;
  /** The names inside the value whose values are secret; if `secret` alone is given, all of the value is. */
  readonly secretMembers?: readonly string[];
  /**
   * The value to store for a node of a document.
   *
   * @param refuse  called for everything that is wrong; the result is undefined if it was called
   */
  read(node: SourceNode, refuse: (refusal: Refusal) => void): T | undefined;
}

/** The type of the names that users choose in a map; the rules of key segments hold besides. */
export interface NameType {
  readonly accepted: string;
  /** Takes every name that has no problem; more where a rule cannot be said in a schema. */
  readonly schema: Schema;
  /** All right names, where they are few. */
  readonly words?: readonly string[];
  /** The reason why a name is wrong, as a clause ("it starts with a dot"), or undefined. */
  problem(name: string): string | undefined;
}

/** What variants run containers for: the second word of their names. */
export type Runtime = "k8s" | "ecs" | "dev" | "base";

/** What variants run on: the first word of their names. */
export type Platform = "aws" | "vmware" | "metal";

/** A leaf before and after a change, in stored form; `undefined` where it is not set. */
export interface Change {
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/** Why a change needs a reboot, as a sentence, and which changes do: every one if that is not said. */
export interface RebootNeed {
  readonly why: string;
  readonly when?: (change: Change) => boolean;
}

/** What is said about a setting, a map or a group, besides its type. */
export interface About {
  /** One or two sentences for the settings reference. */
  readonly doc: string;
  /** A good value. */
  readonly example?: Json;
  /**
   * The services that a change re-renders and restarts, wherever a variant has them; what is said deeper
   * replaces what is said further up (specification "api" 3.5). Where variants differ, by their runtime; one that is
   * not named has what is said further up.
   */
  readonly affects?: readonly ServiceName[] | { readonly [Name in Runtime]?: readonly ServiceName[] };
  /** True where null is a mistake and not the same as leaving the setting out (specification "settings" 4.4). */
  readonly refusesNull?: boolean;
  /** That a change needs a reboot to take its whole effect; what is said deeper replaces what is said further up. */
  readonly needsReboot?: RebootNeed;
  /** The command line that computes the value on the host when it is unset; where variants differ, by their platform. */
  readonly generatedBy?: string | { readonly [Name in Platform]?: string };
}

export interface Leaf<T extends Json = Json> {
  readonly kind: "leaf";
  readonly type: ValueType<T>;
  readonly about: About;
}

/** What a rule has to say against a table: at which member, what is found, what would be right. */
export interface BrokenRule {
  /** The names on the way from the table to the setting to change. */
  readonly at: readonly string[];
  readonly problem: string;
  readonly accepted: string;
}

/**
 * A rule between the settings of one table, each of which is right by itself.
 *
 * @param table        as it would be after a change
 * @param isGenerated  whether a member that is not set gets its value from a generator; that comes after the
 *   defaults, so that the defaults alone must not break a rule
 */
export type Rule<Table> = (table: Table, isGenerated: (member: string) => boolean) => readonly BrokenRule[];

export interface Group<Members extends Record<string, Declaration> = Record<string, Declaration>> {
  readonly kind: "group";
  readonly members: Members;
  /** Other names accepted in input, and the member each stands for. */
  readonly aliases: Readonly<Record<string, string>>;
  readonly rules: readonly Rule<{ readonly [name: string]: Json }>[];
  readonly about?: About;
}

export interface NamedMap<Value extends Declaration = Declaration> {
  readonly kind: "map";
  readonly names: NameType;
  readonly value: Value;
  readonly about: About;
}

export type Declaration = Leaf | Group | NamedMap;

/** One value of a type. */
export function setting<T extends Json>(type: ValueType<T>, about: About): Leaf<T> {
  return { kind: "leaf", type, about };
}

/** A table with fixed names. */
export function group<Members extends Record<string, Declaration>>(
  members: Members,
  more: {
    about?: About;
    aliases?: Record<string, keyof Members & string>;
    rules?: readonly Rule<Infer<Group<Members>>>[];
  } = {},
): Group<Members> {
  const { about, aliases = {}, rules = [] } = more;
  return {
    kind: "group",
    members,
    aliases,
    // Rules are only given tables that these very members have checked.
    rules: rules as Group["rules"],
    ...(about === undefined ? {} : { about }),
  };
}

/** A table whose names the user chooses. */
export function map<Value extends Declaration>(names: NameType, value: Value, about: About): NamedMap<Value> {
  return { kind: "map", names, value, about };
}

/** The TypeScript type of what a declaration accepts, in stored form; every member may be unset. */
export type Infer<D> =
  D extends Leaf<infer T>
    ? T
    : D extends NamedMap<infer Value>
      ? { readonly [name: string]: Infer<Value> }
      : D extends Group<infer Members>
        ? { readonly [Name in keyof Members]?: Infer<Members[Name]> }
        : never;

/** The member of a group that a name in a document stands for, aliases included; undefined if none. */
export function memberNamed(of: Group, name: string): { name: string; value: Declaration } | undefined {
  const current = Object.hasOwn(of.aliases, name) ? of.aliases[name] : name;
  if (current === undefined || !Object.hasOwn(of.members, current)) return undefined;
  const value = of.members[current];
  return value === undefined ? undefined : { name: current, value };
}
