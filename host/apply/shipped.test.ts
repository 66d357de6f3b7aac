/** What every variant ships: its services, files and templates fit together. */
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { buildModel, loadVariant } from "../settings/index.ts";
import { readVariantSources, variantJson, variantNames } from "../settings/variant-sources.ts";
import { parseTemplate } from "./template.ts";

const variants = join(import.meta.dir, "../../variants");
const templates = join(variants, "shared/templates");
const build = { arch: "x86_64", version: "1.11.1", buildId: "0123abcd" } as const;
/** What generators add to the defaults on a host. */
const generated = new Map<string, string | number>([
  ["settings.updates.seed", 812],
  ["settings.updates.metadata-base-url", "https://updates.pinwheel.example/m/"],
  ["settings.network.hostname", "n1"],
]);

for (const name of await variantNames(variants)) {
  const model = buildModel(loadVariant(variantJson(await readVariantSources(variants, name), build)));

  describe(`variant ${name}`, () => {
    const used = new Set([...model.services.values()].flatMap((service) => service.configurationFiles));
    const settings = model.nest(new Map([...model.defaults, ...generated]));

    for (const [file, { path, templatePath }] of model.configurationFiles) {
      test(`${file}: ${path} belongs to a service and is rendered from the first boot's settings`, () => {
        expect(used.has(file)).toBe(true);
        expect(templatePath).toBe(join("/usr/share/templates", basename(templatePath)));
        const text = readFileSync(join(templates, basename(templatePath)), "utf8");
        const template = parseTemplate(basename(templatePath), text);
        expect(template.render({ settings }, { hostnameResolves: false })).not.toContain("{{");
      });
    }
    test("the files that may hold a proxy's password are for root alone", () => {
      const modes = [...model.configurationFiles.values()].map(({ path, mode }) => [path, mode] as const);
      expect(modes.filter(([, mode]) => mode !== undefined).sort()).toEqual([
        ["/etc/network/proxy.env", 0o600],
        ["/etc/updog.toml", 0o600],
      ]);
    });
    test("the files of its services are all defined", () => {
      expect([...used].filter((file) => !model.configurationFiles.has(file))).toEqual([]);
    });
  });
}

test("no template is left that no file uses", async () => {
  const used = new Set<string>();
  for (const name of await variantNames(variants)) {
    const { configurationFiles } = buildModel(
      loadVariant(variantJson(await readVariantSources(variants, name), build)),
    );
    for (const { templatePath } of configurationFiles.values()) used.add(basename(templatePath));
  }
  expect(readdirSync(templates).filter((name) => !used.has(name))).toEqual([]);
  expect([...used].filter((name) => !existsSync(join(templates, name)))).toEqual([]);
});
