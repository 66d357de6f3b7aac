/** The certificates that every host trusts: Debian has a file for each, a host has one bundle. */
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { bundleText } from "../host/platform/trust/index.ts";
import { certificatesOf } from "../host/settings/index.ts";
import { fail } from "./failures.ts";

const DIRECTORY = "usr/share/ca-certificates";

/**
 * Takes the files out of the tree.
 *
 * @returns the text of the bundle, as certdog on the host writes it: what it has nothing to change in stays the same
 * @throws  image/bad-certificates
 */
export async function takeAuthorities(tree: string): Promise<string> {
  const directory = join(tree, DIRECTORY, "mozilla");
  const texts: string[] = [];
  for (const name of (await readdir(directory)).sort()) {
    texts.push(await readFile(join(directory, name), "utf8"));
  }
  const found = certificatesOf(texts.join("\n"));
  if ("problem" in found) throw fail("image/bad-certificates", { directory, problem: found.problem });
  await rm(join(tree, DIRECTORY), { recursive: true });
  return bundleText(found.certificates);
}
