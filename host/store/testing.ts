/** Disks that fail at a chosen step, for tests. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Disk, disk } from "../linux/files.ts";

/** Runs a test with an empty directory that is removed afterwards. */
export async function withDirectory<T>(run: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "pinwheel-store-"));
  try {
    return await run(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * A disk that loses power: after some steps nothing happens any more, the clean-up of a failure included. The
 * step in which the power goes leaves the half of a new file.
 */
export function cutAfter(steps: number): Disk {
  let left = steps;
  const powered = async (act: () => Promise<void>, half?: () => Promise<void>): Promise<void> => {
    left -= 1;
    if (left >= 0) return act();
    if (left === -1 && half !== undefined) await half();
    throw new Error("the power is gone");
  };
  return {
    createFile: (path, data, mode, sync) =>
      powered(
        () => disk.createFile(path, data, mode, sync),
        () => disk.createFile(path, data.slice(0, data.length / 2), mode, false),
      ),
    rename: (from, to) => powered(() => disk.rename(from, to)),
    remove: (path) => powered(() => disk.remove(path)),
    makeDirectory: (path) => powered(() => disk.makeDirectory(path)),
    makeLink: (target, path) => powered(() => disk.makeLink(target, path)),
    syncDirectory: (path) => powered(() => disk.syncDirectory(path)),
  };
}

/** A disk on which some steps fail with an error of the system while `broken` says so. */
export function failing(steps: readonly (keyof Disk)[], code: string): Disk & { broken: boolean } {
  const refuse = async (): Promise<void> => {
    throw Object.assign(new Error(`${code}: as the test wants it`), { code });
  };
  const state = { ...disk, broken: true };
  for (const step of steps) {
    const real: (...args: never[]) => Promise<void> = disk[step];
    Object.assign(state, { [step]: (...args: never[]) => (state.broken ? refuse() : real(...args)) });
  }
  return state;
}
