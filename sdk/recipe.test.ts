import { describe, expect, it } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseRecipe } from "./recipe.ts";

describe("the recipe of the build environment", () => {
  for (const name of ["recipe.toml", "test-tools.toml"]) {
    it(`is a valid one in this repository: ${name}`, async () => {
      const file = join(import.meta.dirname, name);
      expect(parseRecipe(await readFile(file, "utf8"), file).suite).toBe("trixie");
    });
  }
  const refused: [why: string, text: string, says: string][] = [
    ["a package named twice", `suite="s"\nkeyring="k"\npackages=["a","a"]`, "r.toml: a is named twice"],
    ["an unknown field", `suite="s"\nkeyring="k"\npackages=[]\nmirror="m"`, "r.toml: unknown mirror"],
    ["a missing field", `suite="s"\npackages=[]`, "r.toml: keyring is not text"],
    [
      "packages that are not text",
      `suite="s"\nkeyring="k"\npackages=[1]`,
      "r.toml: packages is not a list of text",
    ],
  ];
  for (const [why, text, says] of refused) {
    it(`refuses ${why}`, () => expect(() => parseRecipe(text, "r.toml")).toThrow(says));
  }
});
