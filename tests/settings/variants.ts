/** The variants of the source tree, as a host would load them. */
import { join } from "node:path";
import { buildModel, loadVariant, type Model } from "../../host/settings/index.ts";
import { readVariantSources, variantJson, variantNames } from "../../host/settings/variant-sources.ts";

const VARIANTS = join(import.meta.dirname, "../../variants");

/** The names of all variants. */
export const allVariants = (): Promise<readonly string[]> => variantNames(VARIANTS);

/** The text of a variant's variant.json, and its model. */
export async function loadedVariant(name: string): Promise<{ readonly text: string; readonly model: Model }> {
  const sources = await readVariantSources(VARIANTS, name);
  const text = variantJson(sources, { arch: "x86_64", version: "1.11.1", buildId: "0123abcd" });
  return { text, model: buildModel(loadVariant(text)) };
}
