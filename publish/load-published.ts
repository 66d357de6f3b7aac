/** What is published already, trusted from the root roles on that are on this machine. */
import type { Repo } from "./context.ts";
import { fail } from "./failures.ts";
import type { Places } from "./places.ts";
import { earliestRootFile, readRootFile } from "./root-files.ts";
import { loadRepository, parseRoot, type TrustedRepository } from "./trusted.ts";

/**
 * The published repository, from the earliest root role that is on this machine on: the newest may not be published yet.
 *
 * @throws publish/root-behind and those of `loadRepository`
 */
export async function loadPublished(
  { rootFile }: Repo,
  places: Places,
  now: Date | "whenever",
): Promise<{ readonly repository: TrustedRepository | undefined; readonly rootBytes: Buffer }> {
  const newest = await readRootFile(rootFile);
  const { version } = parseRoot(rootFile, newest).signed;
  const earliest = await earliestRootFile(rootFile, version);
  const start = earliest === undefined ? newest : await readRootFile(earliest);
  const repository = await loadRepository(places, start, now);
  const published = repository?.root.signed.version ?? 0;
  if (published > version) throw fail("publish/root-behind", { file: rootFile, version, published });
  return { repository, rootBytes: start };
}
