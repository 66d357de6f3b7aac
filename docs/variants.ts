/** Reads the models of the variants of the source tree. */
import { join } from "node:path";
import { buildModel, loadVariant, type Model } from "../host/settings/index.ts";
import { readVariantSources, variantJson, variantNames } from "../host/settings/variant-sources.ts";

/** A variant and the model of its settings. */
export interface VariantModel {
  readonly name: string;
  readonly model: Model;
}

const directory = join(import.meta.dirname, "..", "variants");

/**
 * The model of one variant.
 *
 * @throws settings/no-such-variant, settings/bad-variant
 */
export async function readVariantModel(name: string): Promise<VariantModel> {
  const sources = await readVariantSources(directory, name);
  // What a build adds to the sources changes no setting.
  const build = { arch: "x86_64", version: "0.0.0", buildId: "reference" } as const;
  return { name, model: buildModel(loadVariant(variantJson(sources, build))) };
}

/** The models of all variants, by the order of their names. */
export async function readVariantModels(): Promise<readonly VariantModel[]> {
  return Promise.all((await variantNames(directory)).map(readVariantModel));
}
