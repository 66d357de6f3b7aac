/** Every setting of the variants can be taken back: no file is left that cannot be rendered any more. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Declaration } from "../settings/declaration.ts";
import {
  buildModel,
  type Json,
  loadVariant,
  mergeLeaves,
  parseJsonSource,
  parseKey,
} from "../settings/index.ts";
import { readVariantSources, variantJson, variantNames } from "../settings/variant-sources.ts";
import { renderAll } from "./files.ts";
import type { ConfigurationFile } from "./plan.ts";
import { splitStale, unsetKeys } from "./stale.ts";
import { parseTemplate, type Template } from "./template.ts";
import { templates } from "./testing-templates.ts";

const variants = join(import.meta.dir, "../../variants");
const build = { arch: "x86_64", version: "1.11.1", buildId: "0123abcd" } as const;

// Older versions of Kubernetes have the same files from the same settings.
const tried = (await variantNames(variants)).filter((name) => !/-1\.2[123]/.test(name));

for (const name of tried) {
  const model = buildModel(loadVariant(variantJson(await readVariantSources(variants, name), build)));
  const document = exampleOf(model.declaration) as { readonly [group: string]: Json };
  const parsed = parseJsonSource(JSON.stringify(document));
  const checked = parsed.ok ? model.checkSettings(parsed.node) : parsed;

  describe(`variant ${name}: with an example of every setting`, () => {
    const all = checked.ok ? checked.leaves : new Map<string, Json>();
    const files = new Map<string, readonly [ConfigurationFile, Template]>();
    for (const [file, { path, templatePath, format }] of model.configurationFiles) {
      const text = readFileSync(join(templates, basename(templatePath)), "utf8");
      files.set(file, [{ name: file, path, templatePath }, parseTemplate(file, format, text)]);
    }
    /** What would fail in some files if these settings were live. */
    const failures = (
      names: readonly string[],
      leaves: ReadonlyMap<string, Json>,
      removed: readonly string[],
    ) => {
      const settings = model.nest(leaves);
      const some = new Map(names.map((one) => files.get(one)).filter((file) => file !== undefined));
      const data = { settings, os: { variant_id: name } };
      const { unrendered } = renderAll(some, data, { hostnameResolves: true, cpuCount: 2 });
      return splitStale(unrendered, unsetKeys(removed, settings)).failed.map(
        ({ failure }) => failure.message,
      );
    };
    const affectedFiles = (text: string): readonly string[] => {
      const parsed = parseKey(text);
      const services = parsed.ok ? model.affectedServices(parsed.key) : undefined;
      return (services ?? []).flatMap((service) => model.services.get(service)?.configurationFiles ?? []);
    };

    test("all files can be rendered", () => {
      expect(checked).toMatchObject({ ok: true });
      expect(failures([...files.keys()], all, [])).toEqual([]);
    });

    test("each that can be removed leaves no file behind that cannot be rendered any more", () => {
      // What has a default or a generated value goes back to that, and what breaks a rule is refused.
      const removable = [...all.keys()].filter(
        (key) =>
          !model.defaults.has(key) &&
          !model.settingGenerators.has(key) &&
          model.newlyBrokenRules(all, new Map([[key, null]])).length === 0,
      );
      expect(removable.length).toBeGreaterThan(10);
      const stuck = removable.flatMap((key) =>
        failures(affectedFiles(key), mergeLeaves(all, new Map([[key, null]])), [key]).map(
          (text) => `${key}: ${text}`,
        ),
      );
      expect(stuck).toEqual([]);
    });
  });
}

/** A document with the example of every leaf. */
function exampleOf(declaration: Declaration): Json {
  switch (declaration.kind) {
    case "leaf":
      return declaration.about.example ?? null;
    case "map":
      return declaration.about.example ?? {};
    case "group":
      return Object.fromEntries(
        Object.entries(declaration.members).map(([name, member]) => [name, exampleOf(member)]),
      );
  }
}
