/** The templates in an image: those of the variant's configuration files, and no others. */
import { copyFile, mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { loadVariant } from "../host/settings/index.ts";
import { exists } from "../sdk/index.ts";
import { fail } from "./failures.ts";

/**
 * Copies each template to where its configuration file says it is. One that is a link to another's text becomes a file.
 *
 * @param sources      folder of all templates
 * @param variantJson  the variant's checked content for the host
 * @throws  image/no-template naming every file whose template there is not
 */
export async function installTemplates(sources: string, variantJson: string, tree: string): Promise<void> {
  const files = [...loadVariant(variantJson).configurationFiles];
  const missing: string[] = [];
  for (const [name, { templatePath }] of files) {
    const source = join(sources, basename(templatePath));
    if (!(await exists(source))) missing.push(`${templatePath} of ${name}`);
  }
  if (missing.length > 0) throw fail("image/no-template", { missing, sources });
  for (const [, { templatePath }] of files) {
    const target = join(tree, templatePath);
    await mkdir(join(target, ".."), { recursive: true });
    await copyFile(join(sources, basename(templatePath)), target);
  }
}
