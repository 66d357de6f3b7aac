/** Writes the metadata of a publication: all its files appear in one step, or none. */
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { disk, errorCode, listIfExists, temporaryNameIn } from "../host/linux/files.ts";
import { fail } from "./failures.ts";

/** Refuses a directory that is there already. @throws publish/directory-exists */
export async function refuseExisting(directory: string): Promise<void> {
  if ((await listIfExists(directory)) !== undefined) throw fail("publish/directory-exists", { directory });
}

/**
 * Writes files into a directory that must not exist.
 *
 * @throws publish/directory-exists
 */
export async function writeMetadata(
  directory: string,
  files: ReadonlyMap<string, string | Uint8Array>,
): Promise<void> {
  await refuseExisting(directory);
  const parent = dirname(directory);
  await mkdir(parent, { recursive: true });
  const unfinished = temporaryNameIn(parent);
  await mkdir(unfinished, { mode: 0o755 });
  try {
    for (const [name, content] of files) await disk.createFile(join(unfinished, name), content, 0o644, true);
    await disk.syncDirectory(unfinished);
    await rename(unfinished, directory);
  } catch (thrown) {
    await rm(unfinished, { recursive: true, force: true });
    if (errorCode(thrown) === "ENOTEMPTY") throw fail("publish/directory-exists", { directory });
    throw thrown;
  }
  await disk.syncDirectory(parent);
}
