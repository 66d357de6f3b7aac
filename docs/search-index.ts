/** What the search looks in: a script, because a page that is opened as a file may not read other files. */
import type { Page } from "./page.ts";

/** A script that sets `searchIndex`: [name, address, description] for each topic of each page. */
export function searchIndex(pages: readonly Page[]): string {
  const rows = pages.flatMap(({ file, topics }) =>
    topics.map(({ anchor, name, about }) => [name, `${file}#${anchor}`, about]),
  );
  return `globalThis.searchIndex = ${JSON.stringify(rows)};\n`;
}
