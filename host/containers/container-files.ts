/** The files of a container: its storage with the user data, and the environment file of its unit. */
import { chmod, mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { listIfExists, readTextIfExists, writeWhole } from "../linux/files.ts";
import { containerName, type Declared } from "./declared.ts";
import type { Kind } from "./failures.ts";

/** Permission bits. Storage lies in a directory that only root can enter. */
interface StorageModes {
  readonly directory: number;
  readonly userData: number;
}

/** Bootstrap containers of the reference can read their user data without being root, so that they can here. */
const modes: Readonly<Record<Kind, StorageModes>> = {
  host: { directory: 0o700, userData: 0o600 },
  bootstrap: { directory: 0o755, userData: 0o644 },
};

/** Where environment files are, by the part of their names that is the container's. */
const environmentDirectory = (root: string, kind: Kind) => join(root, `etc/${kind}-containers`);
const environmentFile = (root: string, kind: Kind, name: string) =>
  join(environmentDirectory(root, kind), `${name}.env`);
const userDataFile = (root: string, kind: Kind, name: string) =>
  join(root, `local/${kind}-containers`, name, "user-data");

/** Writes what a container needs of files; user data that is not set any more goes, as it may be a secret. */
export async function writeContainerFiles(
  root: string,
  kind: Kind,
  { name, userData }: Declared,
  environment: string,
): Promise<void> {
  const file = userDataFile(root, kind, name);
  await mkdir(dirname(file), { recursive: true });
  await chmod(dirname(file), modes[kind].directory);
  if (userData === undefined) await rm(file, { force: true });
  // Durable: the storage outlives the boot, and what is there must be whole.
  else await writeWhole(file, userData, { mode: modes[kind].userData, durable: true });
  await writeIfDifferent(environmentFile(root, kind, name), environment);
}

/** Writes a file of /etc, which is made anew at every boot. */
export async function writeIfDifferent(path: string, text: string): Promise<void> {
  if ((await readTextIfExists(path)) === text) return;
  await mkdir(dirname(path), { recursive: true });
  await writeWhole(path, text, { durable: false });
}

/** The containers that were set up since the boot and that are not among these any more. */
export async function goneContainers(
  root: string,
  kind: Kind,
  declared: readonly { readonly name: string }[],
): Promise<readonly string[]> {
  const names = new Set(declared.map(({ name }) => name));
  const files = (await listIfExists(environmentDirectory(root, kind))) ?? [];
  return files
    .filter((file) => file.endsWith(".env"))
    .map((file) => file.slice(0, -".env".length))
    .filter((name) => containerName.test(name) && !names.has(name));
}

/**
 * Takes a container away and removes what was written for it, but not what it has stored.
 *
 * @param takeAway  makes systemd and the runtime forget it
 * @param more      other files and directories of it
 * @throws  what `takeAway` throws. Of the files only the environment file is left then: as long as it is there, the
 *   container counts as one that still has to be taken away. Nobody needs the others for that, and the user data may be
 *   a secret.
 */
export async function forgetContainer(
  root: string,
  kind: Kind,
  name: string,
  takeAway: () => Promise<void>,
  more: readonly string[] = [],
): Promise<void> {
  try {
    await takeAway();
  } finally {
    for (const path of [userDataFile(root, kind, name), ...more]) {
      await rm(path, { recursive: true, force: true });
    }
  }
  await rm(environmentFile(root, kind, name), { force: true });
}
