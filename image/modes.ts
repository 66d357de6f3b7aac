/**
 * The modes of everything in the root tree, in one place: neither the builder's umask, nor what a checkout or an
 * archive made of the files' modes, is seen in an image.
 */
import { chmod, lstat, readdir } from "node:fs/promises";
import { join, relative } from "node:path";

const DIRECTORY = 0o755;
const PROGRAM = 0o755;
const FILE = 0o644;

/** Files with a mode of their own. */
const OWN_MODES: ReadonlyMap<string, number> = new Map([
  ["usr/share/factory/etc/shadow", 0o600],
  ["usr/share/factory/etc/machine-id", 0o444],
]);

/** Sets them. A program is what lies among the programs or is executable for its owner; no file is set-user-ID. */
export async function settleModes(tree: string): Promise<void> {
  await chmod(tree, DIRECTORY);
  for (const entry of await readdir(tree, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, DIRECTORY);
    else if (entry.isFile()) {
      const name = relative(tree, path);
      const isProgram = /^usr\/s?bin\//.test(name) || ((await lstat(path)).mode & 0o100) !== 0;
      await chmod(path, OWN_MODES.get(name) ?? (isProgram ? PROGRAM : FILE));
    }
  }
}
