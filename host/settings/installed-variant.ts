/** Finds the description of the variant that this program was built into. */
import { dirname, join } from "node:path";
import { readTextIfExists } from "../linux/files.ts";
import { fail } from "./failures.ts";
import { loadVariant, type Variant } from "./variant.ts";

/**
 * Reads variant.json: beside the program first (`../lib/pinwheel/`), so that a host directory works wherever
 * it lies, then at its place on a host. Nothing in the environment can change where.
 *
 * @throws Failure "settings/no-variant-data", "settings/bad-variant"
 */
export async function loadInstalledVariant(): Promise<Variant> {
  const tried = [
    join(dirname(process.execPath), "../lib/pinwheel/variant.json"),
    "/usr/lib/pinwheel/variant.json",
  ];
  for (const path of tried) {
    const text = await readTextIfExists(path);
    if (text !== undefined) return loadVariant(text);
  }
  throw fail("settings/no-variant-data", { tried });
}
