/**
 * Attributions and licence texts of everything third-party, below /usr/share/licenses (os-image.md 10.4).
 *
 * Debian's packages tell their licences in prose, not as an SPDX expression; so the expression refers to their text,
 * which is beside it.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fail } from "./failures.ts";
import type { OwnPart } from "./own-parts.ts";
import type { ExtractedPackage } from "./packages.ts";

const LICENCES = "usr/share/licenses";

/** Lines that name a part, where it is from, and its licence. */
export function attribution(name: string, url: string, expression: string): string {
  return `${name} - ${url}\nSPDX-License-Identifier: ${expression}\n`;
}

/**
 * Writes a directory for each package and part. The licences that Debian's texts refer to, in /usr/share/common-licenses,
 * are files of the package base-files. Packages of one source have one text; it is there once.
 *
 * @param packagesRoot  the extracted packages
 * @throws image/no-licence naming every package without a text
 */
export async function writeLicences(
  tree: string,
  packagesRoot: string,
  packages: readonly ExtractedPackage[],
  parts: readonly OwnPart[],
): Promise<void> {
  const written = new Map<string, string>();
  const missing: string[] = [];
  for (const each of packages) {
    const text = await readFile(join(packagesRoot, "usr/share/doc", each.name, "copyright")).catch(
      () => undefined,
    );
    if (text === undefined) {
      missing.push(each.name);
      continue;
    }
    const directory = join(tree, LICENCES, each.name);
    await mkdir(directory, { recursive: true });
    const url = each.homepage || `https://tracker.debian.org/pkg/${each.source}`;
    const lines = attribution(
      each.name,
      url,
      `LicenseRef-debian-${each.name.replace(/[^A-Za-z0-9.-]/g, "-")}`,
    );
    await writeFile(join(directory, "attribution.txt"), lines);
    const digest = createHash("sha256").update(text).digest("hex");
    const same = written.get(digest);
    if (same === undefined) await writeFile(join(directory, "copyright"), text);
    else await symlink(`../${same}/copyright`, join(directory, "copyright"));
    written.set(digest, same ?? each.name);
  }
  if (missing.length > 0) throw fail("image/no-licence", { packages: missing });
  for (const part of parts) {
    const directory = join(tree, LICENCES, part.name);
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, "attribution.txt"), attribution(part.name, part.homepage, part.licence));
    if (part.licenceText !== undefined) await writeFile(join(directory, "LICENSE"), part.licenceText);
  }
}
