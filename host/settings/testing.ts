/** For tests: the variants of this tree, a small one with every group and a handful of services, what schemas say. */
import { join } from "node:path";
import Ajv2020 from "ajv/dist/2020.js";
import type { Schema, ValueType } from "./declaration.ts";
import { type GroupName, groups } from "./groups/index.ts";
import { buildModel, type Model } from "./model.ts";
import { type Json, type SourceNode, sourceFromJson } from "./source.ts";
import { loadVariant, type Variant } from "./variant.ts";
import { readVariantSources, variantJson } from "./variant-sources.ts";

const service = { "configuration-files": [], "restart-commands": [] };

/** The content of variant.json of the test variant. */
export const testVariantContent = {
  variant: "test-dev",
  arch: "x86_64",
  version: "1.11.1",
  "build-id": "abcdef",
  groups: Object.keys(groups),
  settings: { motd: "hello", ntp: { "time-servers": ["time.example.com"] } },
  metadata: { settings: { updates: { "metadata-base-url": { template: "https://{{ os.arch }}/" } } } },
  services: Object.fromEntries(
    ["motd", "updog", "containerd", "hostname", "hosts", "dns", "ntp", "sysctl", "bootconfig"].map((name) => [
      name,
      service,
    ]),
  ),
  "configuration-files": {
    motd: { path: "/etc/motd", "template-path": "/usr/share/templates/motd", format: "text" },
  },
};

/** The test variant, with some of its fields replaced. */
export function testVariant(replaced: { readonly [field: string]: Json } = {}): Variant {
  return loadVariant(JSON.stringify({ ...testVariantContent, ...replaced }));
}

/** The model of the test variant, with all groups or some of them. */
export function testModel(only?: readonly GroupName[]): Model {
  return buildModel(testVariant(only === undefined ? {} : { groups: only }));
}

/** The folder of the variants of this tree. */
export const ownVariants: string = join(import.meta.dir, "../../variants");

/** The model of a variant of this tree, as a host with it has it. */
export async function shippedModel(name: string): Promise<Model> {
  const sources = await readVariantSources(ownVariants, name);
  const build = { arch: "x86_64", version: "1.11.1", buildId: "0123abcd" } as const;
  return buildModel(loadVariant(variantJson(sources, build)));
}

/** The names of several variants: `aws-k8s-1.{21,22}` is two; names are parted by spaces. */
export function variantsLike(patterns: string): readonly string[] {
  return patterns.split(" ").flatMap((pattern) => {
    const [, before = pattern, choices, after = ""] = /^(.*)\{(.*)\}(.*)$/.exec(pattern) ?? [];
    return choices === undefined ? [pattern] : choices.split(",").map((choice) => before + choice + after);
  });
}

// Pairs need no greatest length beside `items: false`, and an object of `allOf` says its type outside.
const ajv = new Ajv2020({ strict: true, strictTuples: false, strictTypes: false, strictRequired: false });

/** Whether a validator of JSON Schema takes a value; throws for what is no good schema. */
export function schemaTakes(schema: Schema, value: Json): boolean {
  return ajv.validate(schema, value);
}

/** What a type stores for a value, or what it says against it. */
export function read(
  type: ValueType<Json>,
  value: Json,
): { value: Json | undefined; problems: readonly string[] } {
  const problems: string[] = [];
  const result = type.read(sourceFromJson(value), ({ problem }) => problems.push(problem));
  return { value: result, problems };
}

/** A document without the places of its values. */
export function bare(node: SourceNode): SourceNode {
  const { at: _, ...rest } = node;
  if (rest.kind === "list") return { ...rest, items: rest.items.map(bare) };
  if (rest.kind !== "table") return rest;
  return { ...rest, entries: rest.entries.map(({ name, value }) => ({ name, value: bare(value) })) };
}
