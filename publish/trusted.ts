/** A repository's metadata, fetched and verified from a trusted root role on (specification "updates" 12.2). */
import {
  Metadata,
  MetadataKind,
  type Root,
  type Snapshot,
  type Targets,
  type Timestamp,
} from "@tufjs/models";
import { Failure, messageOf } from "../host/linux/failure.ts";
import { type RoleFiles, verifyRoles } from "../host/update/repository/index.ts";
import { fail } from "./failures.ts";
import { ownFailure, RepositoryFetcher } from "./fetcher.ts";
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

const fetcher = new RepositoryFetcher();

/**
 * Loads a repository, verified as hosts verify it.
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
  const files = roleFilesOf(places);
  const trusted = { bytes: rootBytes, path: "the root role given" };
  try {
    const { roots, metadata } = await verifyRoles(files, trusted, { roots: [] }, now);
    return { places, rootFiles: roots, ...metadata };
  } catch (thrown) {
    if (isNotFound(thrown, files.urlOf("timestamp.json"))) return undefined;
    throw ownFailure(thrown);
  }
}

/** The files of a repository's roles. */
export function roleFilesOf(places: Places): RoleFiles {
  const urlOf = (name: string) => `${places.metadata}${name}`;
  return { urlOf, read: (name, limit) => fetcher.bytesIfExists(urlOf(name), limit) };
}

function isNotFound(thrown: unknown, url: string): boolean {
  if (!(thrown instanceof Failure) || thrown.code !== "repository/not-found") return false;
  return (thrown.facts as { url: string }).url === url;
}

/** The root role in a file. @throws publish/bad-metadata when it is none, or not signed by its own keys */
export function parseRoot(url: string, bytes: Buffer): Metadata<Root> {
  const root = understood(url, "root", () =>
    Metadata.fromJSON(MetadataKind.Root, JSON.parse(bytes.toString())),
  );
  understood(url, "root", () => root.verifyDelegate(MetadataKind.Root, root));
  return root;
}

function understood<Result>(url: string, role: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    throw fail("publish/bad-metadata", { url, role, problem: messageOf(cause) }, { cause });
  }
}
