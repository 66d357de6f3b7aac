/** A repository's metadata, fetched and verified from a trusted root role on (specification "updates" 12.2). */
import {
  Metadata,
  MetadataKind,
  type MetaFile,
  type Root,
  type Snapshot,
  type Targets,
  type Timestamp,
} from "@tufjs/models";
import { fail } from "./failures.ts";
import { RepositoryFetcher } from "./fetcher.ts";
import type { Places } from "./places.ts";

export interface TrustedRepository {
  readonly places: Places;
  /** From the root role given to the newest one, as served, by version. */
  readonly rootFiles: ReadonlyMap<number, Buffer>;
  readonly root: Metadata<Root>;
  readonly timestamp: Metadata<Timestamp>;
  readonly snapshot: Metadata<Snapshot>;
  readonly targets: Metadata<Targets>;
}

const MIB = 1024 * 1024;
const MOST_ROOTS = 1024;

const fetcher = new RepositoryFetcher();

/**
 * Loads a repository.
 *
 * @param rootBytes  a root role that is trusted
 * @param now        roles that have expired by then are refused; "whenever" takes expired ones
 * @returns undefined when there is no repository (no timestamp.json)
 * @throws publish/bad-metadata, publish/expired, publish/not-found, publish/too-long, publish/not-fetched
 */
export async function loadRepository(
  places: Places,
  rootBytes: Buffer,
  now: Date | "whenever",
): Promise<TrustedRepository | undefined> {
  const { root, rootFiles } = await followRoots(places, rootBytes);
  const rootUrl = `${places.metadata}${root.signed.version}.root.json`;
  refuseExpired("root", rootUrl, root, now);
  const timestampUrl = `${places.metadata}timestamp.json`;
  const timestampBytes = await fetcher.bytesIfExists(timestampUrl, MIB);
  if (timestampBytes === undefined) return undefined;
  const timestamp = verified(timestampUrl, timestampRole, timestampBytes, root, undefined);
  refuseExpired("timestamp", timestampUrl, timestamp, now);

  const { snapshotMeta } = timestamp.signed;
  const snapshotUrl = `${places.metadata}${snapshotMeta.version}.snapshot.json`;
  const snapshotBytes = await needed(snapshotUrl, snapshotMeta.length ?? MIB);
  const snapshot = verified(snapshotUrl, snapshotRole, snapshotBytes, root, snapshotMeta);
  refuseExpired("snapshot", snapshotUrl, snapshot, now);

  const targetsMeta = snapshot.signed.meta["targets.json"];
  if (targetsMeta === undefined) throw bad(snapshotUrl, "snapshot", "it does not name targets.json");
  const targetsUrl = `${places.metadata}${targetsMeta.version}.targets.json`;
  const targetsBytes = await needed(targetsUrl, targetsMeta.length ?? 10 * MIB);
  const targets = verified(targetsUrl, targetsRole, targetsBytes, root, targetsMeta);
  refuseExpired("targets", targetsUrl, targets, now);
  return { places, rootFiles, root, timestamp, snapshot, targets };
}

/** The root role in a file. @throws publish/bad-metadata when it is none, or not signed by its own keys */
export function parseRoot(url: string, bytes: Buffer): Metadata<Root> {
  const root = understood(url, "root", () =>
    Metadata.fromJSON(MetadataKind.Root, JSON.parse(bytes.toString())),
  );
  understood(url, "root", () => root.verifyDelegate(MetadataKind.Root, root));
  return root;
}

async function followRoots(
  places: Places,
  rootBytes: Buffer,
): Promise<{ readonly root: Metadata<Root>; readonly rootFiles: ReadonlyMap<number, Buffer> }> {
  let root = parseRoot("the root role given", rootBytes);
  const rootFiles = new Map([[root.signed.version, rootBytes]]);
  for (let step = 0; step < MOST_ROOTS; step++) {
    const version = root.signed.version + 1;
    const url = `${places.metadata}${version}.root.json`;
    const bytes = await fetcher.bytesIfExists(url, MIB);
    if (bytes === undefined) return { root, rootFiles };
    const next = parseRoot(url, bytes);
    const before = root;
    understood(url, "root", () => before.verifyDelegate(MetadataKind.Root, next));
    if (next.signed.version !== version) throw bad(url, "root", `it is version ${next.signed.version}`);
    rootFiles.set(version, bytes);
    root = next;
  }
  throw bad(places.metadata, "root", `it has more than ${MOST_ROOTS} newer versions`);
}

interface SignedRole<Kind extends Timestamp | Snapshot | Targets> {
  readonly name: string;
  parse(data: Parameters<typeof Metadata.fromJSON>[1]): Metadata<Kind>;
}

const timestampRole: SignedRole<Timestamp> = {
  name: "timestamp",
  parse: (data) => Metadata.fromJSON(MetadataKind.Timestamp, data),
};
const snapshotRole: SignedRole<Snapshot> = {
  name: "snapshot",
  parse: (data) => Metadata.fromJSON(MetadataKind.Snapshot, data),
};
const targetsRole: SignedRole<Targets> = {
  name: "targets",
  parse: (data) => Metadata.fromJSON(MetadataKind.Targets, data),
};

/** @param meta  what the parent document says of it */
function verified<Kind extends Timestamp | Snapshot | Targets>(
  url: string,
  role: SignedRole<Kind>,
  bytes: Buffer,
  root: Metadata<Root>,
  meta: MetaFile | undefined,
): Metadata<Kind> {
  return understood(url, role.name, () => {
    meta?.verify(bytes);
    const metadata = role.parse(JSON.parse(bytes.toString()));
    root.verifyDelegate(role.name, metadata);
    if (meta !== undefined && metadata.signed.version !== meta.version) {
      throw new Error(`it is version ${metadata.signed.version}, announced was ${meta.version}`);
    }
    return metadata;
  });
}

function understood<Result>(url: string, role: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    throw bad(url, role, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function bad(url: string, role: string, problem: string, options?: ErrorOptions) {
  return fail("publish/bad-metadata", { url, role, problem }, options);
}

async function needed(url: string, limit: number): Promise<Buffer> {
  const bytes = await fetcher.bytesIfExists(url, limit);
  if (bytes === undefined) throw fail("publish/not-found", { url });
  return bytes;
}

function refuseExpired(
  role: string,
  url: string,
  metadata: Metadata<Root | Timestamp | Snapshot | Targets>,
  now: Date | "whenever",
): void {
  if (now === "whenever" || !metadata.signed.isExpired(now)) return;
  throw fail("publish/expired", { role, url, expires: metadata.signed.expires });
}
