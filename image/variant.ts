/** The part of a variant that concerns the image: what goes in and how the disks are cut. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { getStaticTOMLValue, parseTOML } from "toml-eslint-parser";
import { fail } from "./failures.ts";
import type { PartitionPlan } from "./layout.ts";

export interface ImageVariant {
  readonly name: string;
  readonly packages: readonly string[];
  /** Unit and file sets. */
  readonly units: readonly string[];
  /** Name of a file in variants/shared/rules. */
  readonly rules: string;
  readonly kernelParameters: readonly string[];
  readonly bootConfig: boolean;
  readonly architectures: readonly string[];
  readonly plan: PartitionPlan;
  readonly osSizeGiB: number;
  readonly dataSizeGiB: number;
}

/** Formats and architectures that can be built; others are named in the specification but not made yet. */
export const FORMATS = ["raw"] as const;
export const ARCHITECTURES = ["x86_64"] as const;

/**
 * Reads what the image needs of variants/NAME/variant.toml; the settings side reads the rest.
 *
 * @throws image/no-variant, image/bad-choice naming the bad plan, format or architecture
 */
export async function readImageVariant(variants: string, name: string): Promise<ImageVariant> {
  const known = await knownVariants(variants);
  if (!known.includes(name)) throw fail("image/no-variant", { variant: name, known });
  return parseImageVariant(await readFile(join(variants, name, "variant.toml"), "utf8"), name);
}

/** Checks plan, format, sizes and lists; every choice that is none of the accepted ones is named. */
export function parseImageVariant(text: string, name: string): ImageVariant {
  const file = `variants/${name}/variant.toml`;
  const value: Record<string, unknown> = getStaticTOMLValue(parseTOML(text));
  const layout = isTable(value.layout) ? value.layout : {};
  const plan = chosen(`${file}: layout.plan`, layout.plan ?? "split", ["split", "unified"]);
  chosen(`${file}: format`, value.format ?? "raw", FORMATS);
  const architectures = texts(`${file}: architectures`, value.architectures ?? [...ARCHITECTURES]);
  for (const arch of architectures) chosen(`${file}: architectures`, arch, ["x86_64", "aarch64"]);
  return {
    name,
    architectures,
    plan,
    packages: texts(`${file}: packages`, value.packages),
    units: texts(`${file}: units`, value.units),
    rules: name.endsWith("-dev") ? "development" : "production",
    kernelParameters: texts(`${file}: kernel-parameters`, value["kernel-parameters"] ?? []),
    bootConfig: value["boot-config"] === true,
    osSizeGiB: gib(`${file}: layout.image-size-gib`, layout["image-size-gib"] ?? 2),
    dataSizeGiB: gib(`${file}: layout.data-size-gib`, layout["data-size-gib"] ?? 1),
  };
}

/** Names of all variants, sorted. */
export async function knownVariants(variants: string): Promise<readonly string[]> {
  const entries = await readdir(variants, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && entry.name !== "shared")
    .map((entry) => entry.name)
    .sort();
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value, when it is one of the accepted ones. */
export function chosen<Choice extends string>(
  what: string,
  found: unknown,
  accepted: readonly Choice[],
): Choice {
  const choice = accepted.find((each) => each === found);
  if (choice === undefined) throw fail("image/bad-choice", { what, found: String(found), accepted });
  return choice;
}

function texts(what: string, value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw fail("image/bad-choice", {
    what,
    found: JSON.stringify(value) ?? "absent",
    accepted: ["a list of text"],
  });
}

function gib(what: string, value: unknown): number {
  const size = Number(value);
  if (Number.isInteger(size) && size >= 1 && size <= 65535) return size;
  throw fail("image/bad-choice", { what, found: String(value), accepted: ["1 to 65535"] });
}
