/** What must agree between the parts of a variant (specification "settings" check 36). */
import type { Mistake } from "./failures.ts";
import { parseKey } from "./keys.ts";
import { overriddenKeys } from "./metadata.ts";
import type { Model } from "./model.ts";
import { serviceNames } from "./services.ts";
import type { Variant } from "./variant.ts";

/** Every name that one part of a variant uses and no other part defines. */
export function variantMistakes(model: Model, variant: Variant): Mistake[] {
  const file = `defaults of ${variant.name}`;
  const mistakes: Mistake[] = [];
  const files = [...variant.configurationFiles.keys()].join(", ");
  for (const [name, service] of variant.services) {
    if (!serviceNames.some((known) => known === name)) {
      const accepted = `one of ${serviceNames.join(", ")}`;
      mistakes.push({ file, field: `services.${name}`, found: "no setting can affect it", accepted });
    }
    for (const used of service.configurationFiles) {
      if (variant.configurationFiles.has(used)) continue;
      const found = `there is no configuration file ${JSON.stringify(used)}`;
      mistakes.push({
        file,
        field: `services.${name}.configuration-files`,
        found,
        accepted: `one of ${files}`,
      });
    }
  }
  // Otherwise no boot could commit them.
  for (const { key, problem, accepted } of model.newlyBrokenRules(new Map(), model.defaults)) {
    mistakes.push({ file, field: key, found: problem, accepted });
  }
  for (const [text, command] of model.settingGenerators) {
    const parsed = parseKey(text);
    if (!command.startsWith("schnauzer ") || (parsed.ok && model.template(parsed.key) !== undefined))
      continue;
    const found = `there is no template for the generator ${JSON.stringify(command)}`;
    const accepted = `template = "..." in metadata.${text}`;
    mistakes.push({ file, field: `metadata.${text}`, found, accepted });
  }
  const services = [...variant.services.keys()].join(", ");
  for (const [text, metadata] of overriddenKeys(variant)) {
    const field = `metadata.${text}`;
    const parsed = parseKey(text);
    if (!parsed.ok || !model.has(parsed.key)) {
      const found = "the variant has no such setting";
      mistakes.push({ file, field, found, accepted: "metadata of settings of the variant's groups" });
    }
    for (const used of metadata.affectedServices ?? []) {
      if (variant.services.has(used)) continue;
      const found = `there is no service ${JSON.stringify(used)}`;
      mistakes.push({ file, field, found, accepted: `one of ${services}` });
    }
  }
  return mistakes;
}
