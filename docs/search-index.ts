/** What the search looks in: a script, because a page that is opened as a file may not read other files. */
import { entriesShown } from "./group-page.ts";
import { groupFile } from "./index-page.ts";
import type { Reference } from "./reference.ts";

/** A script that sets `searchIndex`: [key, address, description] for each key. */
export function searchIndex({ groups }: Reference): string {
  const rows = groups.flatMap((group) =>
    entriesShown(group).map(({ key, declaration }) => [
      key,
      `${groupFile(group.name)}#${key}`,
      declaration.about?.doc ?? "",
    ]),
  );
  return `globalThis.searchIndex = ${JSON.stringify(rows)};\n`;
}
