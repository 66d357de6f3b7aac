/**
 * Root roles before the one that this image trusts: an older image, to which the host may go back, needs the way from
 * its own root on (specification "updates" 7.1). Nothing is trusted because of them.
 */
import { Metadata, MetadataKind, type Root } from "@tufjs/models";
import type { RoleFiles } from "./roles.ts";

const MIB = 1024 * 1024;

/**
 * Follows the chain back as far as it is to be had, link by link.
 *
 * @param files  where they come from, the first that has one counts
 * @returns those before the oldest given one, by version; none is missing in between
 */
export async function earlierRoots(
  roots: ReadonlyMap<number, Buffer>,
  files: readonly Pick<RoleFiles, "read">[],
): Promise<ReadonlyMap<number, Buffer>> {
  const earlier = new Map<number, Buffer>();
  const oldest = Math.min(...roots.keys());
  let later = rootIn(roots.get(oldest));
  for (let version = oldest - 1; version > 0 && later !== undefined; version--) {
    const found = await firstThatLeadsTo(later, version, files);
    if (found === undefined) break;
    earlier.set(version, found.bytes);
    later = found.root;
  }
  return earlier;
}

async function firstThatLeadsTo(
  later: Metadata<Root>,
  version: number,
  files: readonly Pick<RoleFiles, "read">[],
): Promise<{ readonly bytes: Buffer; readonly root: Metadata<Root> } | undefined> {
  for (const { read } of files) {
    // They are a convenience for going back: an update does not fail because an old one is not to be had.
    const bytes = await read(`${version}.root.json`, MIB).catch(() => undefined);
    const root = rootIn(bytes);
    if (bytes !== undefined && root?.signed.version === version && leadsTo(root, later))
      return { bytes, root };
  }
  return undefined;
}

function rootIn(bytes: Buffer | undefined): Metadata<Root> | undefined {
  try {
    return Metadata.fromJSON(MetadataKind.Root, JSON.parse(bytes?.toString() ?? ""));
  } catch {
    return undefined; // not a root role, so not the one looked for
  }
}

function leadsTo(root: Metadata<Root>, later: Metadata<Root>): boolean {
  try {
    root.verifyDelegate(MetadataKind.Root, later);
    return true;
  } catch {
    return false; // the library says no by throwing
  }
}
