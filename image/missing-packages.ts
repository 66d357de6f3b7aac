/** Package lists that are known to be missing: variants that name them have settings, and cannot be built yet. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { getStaticTOMLValue, parseTOML } from "toml-eslint-parser";
import { fail } from "./failures.ts";

/**
 * Reads which lists are missing, and what stands in the way of each.
 *
 * @param shared  the folder variants/shared
 */
export async function readMissingPackages(shared: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(join(shared, "missing-packages.toml"), "utf8");
  const reasons: Record<string, unknown> = getStaticTOMLValue(parseTOML(text));
  return new Map(Object.entries(reasons).map(([name, reason]) => [name, String(reason)]));
}

/**
 * Stops the build of a variant that cannot be built yet, before anything else is done for it.
 *
 * @param names  the package lists of the variant
 * @throws package-lists/not-written with all lists that are missing, and why
 */
export async function refuseMissingPackages(
  shared: string,
  variant: string,
  names: readonly string[],
): Promise<void> {
  const known = await readMissingPackages(shared);
  const missing = names.flatMap((name) => {
    const reason = known.get(name);
    return reason === undefined ? [] : [`${name}: ${reason}`];
  });
  if (missing.length > 0) throw fail("package-lists/not-written", { variant, missing });
}
