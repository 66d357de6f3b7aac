/** Compiles what runs before user space: the boot selector and the first init. */
import { join } from "node:path";
import { cached, hashOf, type Progress, type Sdk } from "../sdk/index.ts";
import { textsBelow } from "./sources.ts";

/**
 * Compiles both, or finds those made from the same sources and tools.
 *
 * @param top  the repository
 * @returns the directory with `bootx64.efi` and `init`, and the hash of what they were made from
 */
export async function compileBoot(
  sdk: Sdk,
  top: string,
  progress: Progress,
): Promise<{ directory: string; key: string }> {
  const sources = join(top, "boot");
  const key = hashOf(sdk.hash, ...(await textsBelow(sources)));
  const directory = await cached("boot", key, (unfinished) =>
    progress.step("boot selector and first init", async () => {
      await sdk.run(["make", "-C", sources, `SRC=${sources}`, `OUT=${unfinished}`], {
        readable: [sources],
        writable: [unfinished],
      });
    }),
  );
  return { directory, key };
}
