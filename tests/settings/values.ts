/**
 * Arbitrary right values, read from the schemas of types. Where a rule cannot be said in a schema, or not in a pattern
 * that texts can be made from, the values stand in the table below.
 */
import fc from "fast-check";
import type { Schema } from "../../host/settings/declaration.ts";
import { healthLimit } from "../../host/settings/duration-types.ts";
import { pemBundle } from "../../host/settings/encoded-types.ts";
import { certificatePem } from "../../host/settings/groups/testdata.ts";
import { isBootParameterName, isReservedBootParameter, type Json } from "../../host/settings/index.ts";
import { bootParameterName, sysctlName } from "../../host/settings/kernel-types.ts";
import { cpuLimit, memoryLimit } from "../../host/settings/limit-types.ts";
import { dnsDomain, hostname, ipAddress, serverName } from "../../host/settings/network-types.ts";
import { url } from "../../host/settings/text-types.ts";

const addresses = fc.oneof(fc.ipV4(), fc.ipV6());
const hosts = fc.stringMatching(/^[0-9a-z][0-9a-z-]{0,20}(\.[0-9a-z][0-9a-z-]{0,20}){0,4}$/);
const words = fc.stringMatching(/^[A-Za-z0-9_-]{1,8}(\.[A-Za-z0-9_-]{1,8}){0,3}$/);
const bundle = Buffer.from(`# for tests\n${certificatePem}`).toString("base64");

const bySchema = new Map<Schema, fc.Arbitrary<Json>>([
  [
    url.schema,
    fc.oneof(
      fc.webUrl({ withQueryParameters: true }),
      fc.tuple(fc.domain(), fc.nat(65_535)).map(([host, port]) => `${host}:${port}/x`),
      fc.constantFrom("aws:///eu-west-1a/i-0abc", "http://user:pass@proxy.lan:3128", ".corp", "[fd00::1]:1"),
    ),
  ],
  [ipAddress.schema, addresses],
  [hostname.schema, hosts],
  [serverName.schema, fc.oneof(addresses, fc.domain(), fc.constantFrom("Time.Example.COM.", "ntp_1"))],
  [dnsDomain.schema, fc.oneof(fc.domain(), fc.constantFrom("cluster.local", "Corp.Example"))],
  [
    memoryLimit.schema,
    fc.oneof(
      fc
        .tuple(fc.integer({ min: 17, max: 2 ** 20 }), fc.constantFrom("M", "Mi"))
        .map(([n, unit]) => `${n}${unit}`),
      fc.constantFrom("16777216", "17000k", "1G", "64Ti"),
    ),
  ],
  [
    cpuLimit.schema,
    fc.oneof(
      fc.integer({ min: 10, max: 1_024_000 }).map((thousandths) => `${thousandths}m`),
      fc.integer({ min: 10, max: 1_024_000 }).map((thousandths) => `${thousandths / 1000}`),
    ),
  ],
  [
    healthLimit.schema,
    fc.oneof(
      fc.integer({ min: 1, max: 3600 }).map((seconds) => `${seconds}s`),
      fc.constantFrom("5m", "1m30s", "0h5m", "1h", "0h60m0s"),
    ),
  ],
  [pemBundle.schema, fc.constantFrom("", " \n", bundle, bundle.replace(/=+$/, ""))],
  [sysctlName.schema, fc.stringMatching(/^[A-Za-z0-9_-]{1,20}([./][A-Za-z0-9_-]{1,20}){0,4}$/)],
  [
    bootParameterName.schema,
    words.filter((name) => isBootParameterName(name) && !isReservedBootParameter(name)),
  ],
]);

/** Values that fit a schema of the model, and the rules behind it. */
export function valuesOf(schema: Schema): fc.Arbitrary<Json> {
  // Making the arbitrary of a pattern takes far longer than a value from it, and variants share most schemas.
  const values = bySchema.get(schema) ?? makeValues(schema);
  bySchema.set(schema, values);
  return values;
}

function makeValues(schema: Schema): fc.Arbitrary<Json> {
  const { enum: choices, anyOf, type } = schema;
  if (Array.isArray(choices)) return fc.constantFrom(...(choices as Json[]));
  if (Array.isArray(anyOf)) return fc.oneof(...schemasIn(anyOf).map(valuesOf));
  switch (type) {
    case "boolean":
      return fc.boolean();
    case "integer":
      return integers(schema);
    case "array":
      return lists(schema);
    case "object":
      return objects(schema);
    default:
      return textsOf(schema);
  }
}

/** Texts that fit a schema; the names of maps have schemas without a type. */
export function textsOf(schema: Schema): fc.Arbitrary<string> {
  const known = bySchema.get(schema);
  if (known !== undefined) return known as fc.Arbitrary<string>; // those of texts make texts
  if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as string[]));
  const patterns = patternsIn(schema);
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema as {
    minLength?: number;
    maxLength?: number;
  };
  const last = patterns.at(-1);
  const texts = last === undefined ? fc.string({ unit: "binary" }) : fc.stringMatching(last);
  return texts.filter(
    (text) =>
      text.length >= minLength && text.length <= maxLength && patterns.every((pattern) => pattern.test(text)),
  );
}

function patternsIn(schema: Schema): readonly RegExp[] {
  const all = schema.allOf === undefined ? [schema] : schemasIn(schema.allOf);
  return all.flatMap(({ pattern }) => (typeof pattern === "string" ? [new RegExp(pattern, "u")] : []));
}

function integers(schema: Schema): fc.Arbitrary<number> {
  const { minimum, maximum } = schema as { minimum: number; maximum: number };
  return fc.oneof(fc.maxSafeInteger(), fc.constantFrom(minimum, maximum)).map((value) => {
    return Math.min(Math.max(value, minimum), maximum);
  });
}

function lists(schema: Schema): fc.Arbitrary<readonly Json[]> {
  if (schema.prefixItems !== undefined) return fc.tuple(...schemasIn(schema.prefixItems).map(valuesOf));
  const { minItems = 0 } = schema as { minItems?: number };
  return fc.array(valuesOf(schema.items as Schema), { minLength: minItems, maxLength: minItems + 3 });
}

function objects(schema: Schema): fc.Arbitrary<{ readonly [name: string]: Json }> {
  const { properties, additionalProperties } = schema;
  if (properties === undefined) {
    const keys = fc.stringMatching(/^[a-z*.]{1,10}$/);
    return fc.dictionary(keys, valuesOf(additionalProperties as Schema), { maxKeys: 2 });
  }
  const members = Object.entries(properties as { readonly [name: string]: Schema });
  const given = fc.tuple(
    ...members.map(([name, member]) => fc.option(fc.tuple(fc.constant(name), valuesOf(member)))),
  );
  return given.map((all) => Object.fromEntries(all.filter((member) => member !== null)));
}

/** Schemas of schemas are written as lists of them (host/settings/composed-types.ts). */
function schemasIn(value: Json): readonly Schema[] {
  return value as readonly Schema[];
}
