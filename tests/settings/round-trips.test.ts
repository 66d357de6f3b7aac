/** Documents of every variant: what is right stays what it is on every way in and out, and what is wrong is refused. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { stringify } from "smol-toml";
import type { Declaration } from "../../host/settings/declaration.ts";
import {
  type Json,
  type Model,
  type Parsed,
  parseJsonSource,
  parseKey,
  problemText,
} from "../../host/settings/index.ts";
import { sourceFromJson } from "../../host/settings/source.ts";
import { schemaTakes } from "../../host/settings/testing.ts";
import { parseTomlSource } from "../../host/settings/toml-source.ts";
import { openStore, prepareStore } from "../../host/store/index.ts";
import { withDirectory } from "../../host/store/testing.ts";
import { fullDocuments, mutated } from "./documents.ts";
import { allVariants, loadedVariant } from "./variants.ts";

// Of each property in each of the variants, which have most of their settings in common; a document has some hundred.
const RUNS = 4;
const STORES = 1;

for (const name of await allVariants()) {
  const { model } = await loadedVariant(name);
  const documents = fullDocuments(model.declaration);
  const { schema } = model;

  describe(`the settings of ${name}`, () => {
    test("by default are a right document that keeps all rules between settings", () => {
      const shown = sourceFromJson(model.nest(model.defaults));
      expect(leavesOf(model, { ok: true, node: shown })).toEqual(Object.fromEntries(model.defaults));
      expect(model.newlyBrokenRules(new Map(), model.defaults)).toEqual([]);
    });

    test("all given are right, to the schema too, and every leaf is set", () => {
      fc.assert(
        fc.property(documents, (document) => {
          const leaves = leavesOf(model, { ok: true, node: sourceFromJson(document) });
          expect(declaredPaths(model, Object.keys(leaves))).toEqual(allPaths(model.declaration));
          expect(schemaTakes(schema, document)).toBe(true);
        }),
        { numRuns: RUNS },
      );
    });

    test("read from JSON and TOML, and shown and read again, are the same leaves", () => {
      fc.assert(
        fc.property(documents, (document) => {
          const leaves = leavesOf(model, { ok: true, node: sourceFromJson(document) });
          expect(leavesOf(model, parseJsonSource(JSON.stringify(document)))).toEqual(leaves);
          expect(leavesOf(model, parseTomlSource(stringify(document)))).toEqual(leaves);
          const shown = model.nest(new Map(Object.entries(leaves)));
          expect(leavesOf(model, parseJsonSource(JSON.stringify(shown)))).toEqual(leaves);
          expect(leavesOf(model, parseTomlSource(stringify(shown)))).toEqual(leaves);
        }),
        { numRuns: RUNS },
      );
    });

    test("survive the store and its opening anew", async () => {
      await fc.assert(
        fc.asyncProperty(documents, (document) =>
          withDirectory(async (directory) => {
            const leaves = leavesOf(model, { ok: true, node: sourceFromJson(document) });
            await prepareStore(directory, "1.11.1", model);
            const store = await openStore(`${directory}/current`);
            await store.stage("t", new Map(Object.entries(leaves)));
            const pending = await openStore(`${directory}/current`);
            expect(Object.fromEntries(pending.pending("t"))).toEqual(leaves);
            expect(await pending.commit("t")).toEqual(Object.keys(leaves).sort());
            const live = (await openStore(`${directory}/current`)).live();
            expect(Object.fromEntries(live)).toEqual(leaves);
            expect(leavesOf(model, { ok: true, node: sourceFromJson(model.nest(live)) })).toEqual(leaves);
          }),
        ),
        { numRuns: STORES },
      );
    });

    test("are refused by the check where the schema refuses them", () => {
      let refused = 0;
      const changed = documents.chain((document) => fc.array(mutated(document), { minLength: 20 }));
      fc.assert(
        fc.property(changed, (wrong) => {
          for (const document of wrong) {
            if (schemaTakes(schema, document)) continue;
            refused += 1;
            expect(model.checkSettings(sourceFromJson(document)).ok).toBe(false);
          }
        }),
        { numRuns: RUNS },
      );
      expect(refused).toBeGreaterThan(RUNS);
    });
  });
}

/** The leaves of a document that must be right. */
function leavesOf(model: Model, parsed: Parsed): Readonly<Record<string, Json>> {
  if (!parsed.ok) throw new Error(`not readable: ${parsed.problems.map((each) => problemText(each))}`);
  const checked = model.checkSettings(parsed.node);
  if (!checked.ok) throw new Error(`refused: ${checked.problems.map((each) => problemText(each))}`);
  return Object.fromEntries(checked.leaves);
}

/** The paths of all leaves; names that users choose are `*`. */
function allPaths(declaration: Declaration, path: readonly string[] = []): readonly string[] {
  if (declaration.kind === "leaf") return [path.join(" ")];
  if (declaration.kind === "map") return allPaths(declaration.value, [...path, "*"]);
  return Object.entries(declaration.members)
    .flatMap(([name, member]) => allPaths(member, [...path, name]))
    .sort();
}

/** The paths of the leaves that keys are about. */
function declaredPaths(model: Model, keys: readonly string[]): readonly string[] {
  const paths = keys.map((text) => {
    const parsed = parseKey(text);
    let at: Declaration | undefined = model.declaration;
    return (parsed.ok ? parsed.key.segments.slice(1) : [])
      .map((name) => {
        const inMap = at?.kind === "map";
        at = at?.kind === "map" ? at.value : at?.kind === "group" ? at.members[name] : undefined;
        return inMap ? "*" : name;
      })
      .join(" ");
  });
  return [...new Set(paths)].sort();
}
