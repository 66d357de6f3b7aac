/** Makes the root file system and its hash tree from a finished tree. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Sdk } from "../sdk/index.ts";
import type { VerityRoot } from "./command-line.ts";
import { guidFor, type Release, saltFor } from "./identity.ts";

/**
 * Writes `root.erofs` and `root.verity` into a directory.
 *
 * @returns what the kernel command line says about them
 */
export async function makeRootImage(
  sdk: Sdk,
  tree: string,
  directory: string,
  release: Release,
): Promise<VerityRoot> {
  const root = join(directory, "root.erofs");
  const hash = join(directory, "root.verity");
  const run = (command: readonly string[]) => sdk.run(command, { writable: [directory], readable: [tree] });
  await run([
    "mkfs.erofs",
    "--quiet",
    "-zlz4hc",
    `-T${release.epoch}`,
    "--all-time",
    "--all-root",
    `-U${guidFor(release, "root file system")}`,
    root,
    tree,
  ]);
  const salt = saltFor(release);
  const said = await run([
    "veritysetup",
    "format",
    "--hash=sha256",
    "--data-block-size=4096",
    "--hash-block-size=4096",
    `--salt=${salt}`,
    `--uuid=${guidFor(release, "root hash tree")}`,
    root,
    hash,
  ]);
  const rootHash = /^Root hash:\s*([0-9a-f]{64})$/m.exec(said)?.[1];
  if (rootHash === undefined) throw new Error(`veritysetup printed no root hash: ${said}`);
  await run(["veritysetup", "verify", root, hash, rootHash]);
  return { dataBlocks: (await stat(root)).size / 4096, rootHash, salt };
}
