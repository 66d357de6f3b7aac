/** For the tests of groups: what a setting takes and refuses, said as a table. */
import { describe, expect, test } from "bun:test";
import { parseKey } from "../keys.ts";
import { type Json, sourceFromJson } from "../source.ts";
import { schemaTakes, testModel } from "../testing.ts";

export interface Examples {
  /** Values that are stored and returned as they are given. */
  readonly accepted?: readonly Json[];
  /** Values that are stored in another form. */
  readonly converted?: readonly (readonly [given: Json, stored: Json])[];
  readonly refused?: readonly Json[];
  /** Values that are refused, by rules that a schema cannot say. */
  readonly refusedBeyondSchema?: readonly Json[];
}

/** A row: the key below "settings.", and the Checks of specification "settings" 14 that it proves, if any. */
export type SettingRow = readonly [key: string, checks: string, examples: Examples];

const model = testModel();
const { schema } = model;

/** Asks the check and the schema about every value of every setting. */
export function describeSettings(rows: readonly SettingRow[]): void {
  for (const [
    key,
    checks,
    { accepted = [], converted = [], refused = [], refusedBeyondSchema = [] },
  ] of rows) {
    describe(checks === "" ? key : `${key} (settings ${checks})`, () => {
      for (const [given, stored] of [...accepted.map((value) => [value, value] as const), ...converted]) {
        test(`${short(given)} is accepted${given === stored ? "" : ` and stored as ${short(stored)}`}`, () => {
          expect(leavesOf(key, given)).toEqual({ [`settings.${key}`]: stored });
          expect(schemaTakes(schema, documentOf(key, given))).toBe(true);
        });
      }
      for (const given of [...refused, ...refusedBeyondSchema]) {
        test(`${short(given)} is refused, with the key`, () => {
          expect(leavesOf(key, given)).toEqual([expect.stringMatching(/^settings\./)]);
          expect(schemaTakes(schema, documentOf(key, given))).toBe(refusedBeyondSchema.includes(given));
        });
      }
    });
  }
}

/** A row: the key of a map below "settings.", the Checks, a value that fits each name, names to take and to refuse. */
export type NamesRow = readonly [
  key: string,
  checks: string,
  value: Json,
  accepted: readonly string[],
  refused: readonly string[],
];

/** Asks the check and the schema about every name of every map. */
export function describeNames(rows: readonly NamesRow[]): void {
  for (const [key, checks, value, accepted, refused] of rows) {
    describe(`the names in ${key}${checks === "" ? "" : ` (settings ${checks})`}`, () => {
      const outcome = (name: string) => {
        const document = documentOf(key, { [name]: value });
        const { ok } = model.checkSettings(sourceFromJson(document));
        expect(schemaTakes(schema, document)).toBe(ok);
        return ok;
      };
      for (const name of accepted) test(`${short(name)} is accepted`, () => expect(outcome(name)).toBe(true));
      for (const name of refused) test(`${short(name)} is refused`, () => expect(outcome(name)).toBe(false));
    });
  }
}

/** The rules between settings that a document breaks, each as key and problem. */
export function brokenRules(document: { readonly [name: string]: Json }): readonly string[] {
  const checked = model.checkSettings(sourceFromJson(document));
  if (!checked.ok)
    throw new Error(`the example is no settings document: ${JSON.stringify(checked.problems)}`);
  return model.newlyBrokenRules(new Map(), checked.leaves).map(({ key, problem }) => `${key}: ${problem}`);
}

function leavesOf(key: string, value: Json): Readonly<Record<string, Json>> | readonly string[] {
  const checked = model.checkSettings(sourceFromJson(documentOf(key, value)));
  return checked.ok ? Object.fromEntries(checked.leaves) : checked.problems.map((problem) => problem.key);
}

function documentOf(key: string, value: Json): Json {
  const parsed = parseKey(key);
  if (!parsed.ok) throw new Error(`${key} is no key: ${parsed.reason}`);
  return parsed.key.segments.reduceRight<Json>((inner, name) => ({ [name]: inner }), value);
}

const short = (value: Json): string => JSON.stringify(value).slice(0, 60);
