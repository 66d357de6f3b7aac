/** What the build environment is made of: a data file, read and checked here. */
import { getStaticTOMLValue, parseTOML } from "toml-eslint-parser";
import { fail } from "./failures.ts";

export interface Recipe {
  readonly suite: string;
  readonly keyring: string;
  readonly packages: readonly string[];
}

/**
 * Reads a recipe.
 *
 * @param text  TOML with `suite`, `keyring` and `packages`
 * @param file  its name, for messages
 * @throws sdk/bad-recipe for a syntax error, a missing or unknown field, or a package named twice
 */
export function parseRecipe(text: string, file: string): Recipe {
  let value: Record<string, unknown>;
  try {
    value = getStaticTOMLValue(parseTOML(text));
  } catch (error) {
    throw fail("sdk/bad-recipe", { file, problem: String(error) }, { cause: error });
  }
  const unknown = Object.keys(value).filter((field) => !["suite", "keyring", "packages"].includes(field));
  if (unknown.length > 0) throw fail("sdk/bad-recipe", { file, problem: `unknown ${unknown.join(", ")}` });
  const { suite, keyring, packages } = value;
  if (typeof suite !== "string") throw fail("sdk/bad-recipe", { file, problem: "suite is not text" });
  if (typeof keyring !== "string") throw fail("sdk/bad-recipe", { file, problem: "keyring is not text" });
  if (!Array.isArray(packages) || !packages.every((name) => typeof name === "string")) {
    throw fail("sdk/bad-recipe", { file, problem: "packages is not a list of text" });
  }
  const twice = packages.find((name, place) => packages.indexOf(name) !== place);
  if (twice !== undefined) throw fail("sdk/bad-recipe", { file, problem: `${twice} is named twice` });
  return { suite, keyring, packages };
}
