/** Writes the documentation: pages that open from a file or a server alike, and the committed text. */
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { groupPage } from "./group-page.ts";
import { groupFile, indexPage } from "./index-page.ts";
import { documentOfPage, type Page } from "./page.ts";
import { type Reference, referenceOf } from "./reference.ts";
import { searchIndex } from "./search-index.ts";
import { settingsText } from "./settings-text.ts";
import { readVariantModels } from "./variants.ts";

/** What pages need beside them. */
const assets = ["style.css", "page.js", "icon.svg"];

/**
 * Writes everything.
 *
 * @param directory  for the pages; made when absent, other files in it stay
 * @param textFile   for the committed text
 */
export async function writeDocs(directory: string, textFile: string): Promise<{ index: string }> {
  const reference = referenceOf(await readVariantModels());
  await mkdir(directory, { recursive: true });
  for (const asset of assets)
    await copyFile(join(import.meta.dirname, "assets", asset), join(directory, asset));
  await writeFile(join(directory, "search-index.js"), searchIndex(reference));
  const sections = [
    { heading: "Settings", links: reference.groups.map(({ name }) => ({ file: groupFile(name), name })) },
  ];
  for (const page of pagesOf(reference)) {
    await writeFile(join(directory, page.file), documentOfPage(page, sections));
  }
  await writeFile(textFile, settingsText(reference));
  return { index: join(directory, "index.html") };
}

function pagesOf(reference: Reference): readonly Page[] {
  const groups = reference.groups.map((group) => groupPage(group, reference.variants));
  return [indexPage(reference), ...groups.filter((page) => page !== undefined)];
}
