/** Writes the documentation: pages that open from a file or a server alike, and the committed text. */
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openApiText } from "../host/api/description/document.ts";
import { apiPage, readApi } from "./api-page.ts";
import { failurePage } from "./failure-page.ts";
import { readFailures } from "./failure-tables.ts";
import { groupPage } from "./group-page.ts";
import { groupFile, indexPage } from "./index-page.ts";
import { documentOfPage } from "./page.ts";
import { referenceOf } from "./reference.ts";
import { searchIndex } from "./search-index.ts";
import { settingsText } from "./settings-text.ts";
import { readVariantModels } from "./variants.ts";

/** What pages need beside them. */
const assets = ["style.css", "page.js", "icon.svg"];

/**
 * Writes everything.
 *
 * @param directory  for the pages; made when absent, other files in it stay
 * @param textFile   for the committed text, if that is to be written
 */
export async function writeDocs(directory: string, textFile?: string): Promise<{ index: string }> {
  const reference = referenceOf(await readVariantModels());
  const about = [apiPage(readApi(JSON.parse(openApiText()))), failurePage(await readFailures())];
  const groups = reference.groups.map((group) => groupPage(group, reference.variants));
  const pages = [indexPage(reference), ...groups, ...about];
  const sections = [
    { heading: "Settings", links: reference.groups.map(({ name }) => ({ file: groupFile(name), name })) },
    { heading: "More", links: about.map(({ file, name }) => ({ file, name })) },
  ];
  await mkdir(directory, { recursive: true });
  for (const asset of assets)
    await copyFile(join(import.meta.dirname, "assets", asset), join(directory, asset));
  for (const page of pages) await writeFile(join(directory, page.file), documentOfPage(page, sections));
  await writeFile(join(directory, "search-index.js"), searchIndex(pages));
  if (textFile !== undefined) await writeFile(textFile, settingsText(reference));
  return { index: join(directory, "index.html") };
}
