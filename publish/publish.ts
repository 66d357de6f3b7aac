/** Publishes: a repository that is new or follows a published one, into a directory of its own. */
import type { Metadata, Root, TargetFile } from "@tufjs/models";
import { disk } from "../host/linux/files.ts";
import { type InstantNs, type Manifest, manifestText } from "../host/update/index.ts";
import type { Progress } from "../sdk/index.ts";
import type { ExpirationPolicy } from "./expiration-policy.ts";
import { fail } from "./failures.ts";
import { checkLz4 } from "./image-parts.ts";
import { Interruption } from "./interruption.ts";
import type { SigningKey } from "./keys.ts";
import { MANIFEST } from "./manifest-target.ts";
import { namedTargets } from "./release.ts";
import { rootChain } from "./root-files.ts";
import { checkMaySign } from "./root-role.ts";
import { nextVersion, signedMetadata } from "./sign.ts";
import { addTarget, bringTargets, type TargetSource } from "./targets.ts";
import type { TrustedRepository } from "./trusted.ts";
import { refuseExisting, writeMetadata } from "./write-metadata.ts";

export interface Publication {
  /** `<out>/<variant>/<arch>`; must not exist. */
  readonly directory: string;
  /** `<out>/targets`; may exist. */
  readonly targetsDirectory: string;
  /** What it follows; undefined for a new repository. */
  readonly published: TrustedRepository | undefined;
  readonly manifest: Manifest;
  readonly added: readonly TargetSource[];
  readonly rootFile: string;
  readonly root: Metadata<Root>;
  readonly key: SigningKey;
  readonly expirations: ExpirationPolicy;
  readonly now: InstantNs;
}

/**
 * Writes targets first and the metadata, which makes them known, in one step at the end.
 *
 * @throws publish/directory-exists, publish/key-not-in-role, publish/bad-threshold, publish/root-chain-broken,
 *   publish/not-lz4, publish/missing-targets, publish/target-differs and those of the steps
 */
export async function publish(publication: Publication, progress: Progress): Promise<void> {
  const { directory, targetsDirectory, published, manifest, added, rootFile, root } = publication;
  const { key, expirations, now } = publication;
  await refuseExisting(directory);
  using interruption = new Interruption();
  const { signal } = interruption;
  checkMaySign(root, key);
  refuseExpiredRoot(rootFile, root, now);
  const roots = await rootChain(rootFile, published?.places);
  const needed = namedTargets(manifest);
  const targets = new Map(Object.entries(published?.targets.signed.targets ?? {}));
  checkNamed(needed, [...targets.keys(), ...added.map(({ name }) => name)]);
  for (const source of added) {
    if (needed.has(source.name)) await checkLz4(source);
  }
  if (published !== undefined) {
    await progress.step("targets published before", async (note) => {
      const brought = await bringTargets(targetsDirectory, published.places, targets.values(), signal);
      note(`${brought} of ${targets.size} brought along`);
    });
  }
  const manifestSource = {
    kind: "bytes" as const,
    name: MANIFEST,
    bytes: Buffer.from(manifestText(manifest)),
  };
  for (const source of [...added, manifestSource]) {
    await progress.step(source.name, async (note) => {
      const target = await addTarget(targetsDirectory, source, signal);
      checkSame(targets.get(target.path), target);
      targets.set(target.path, target);
      note(`${target.length.toLocaleString("en")} bytes`);
    });
  }
  await progress.step("metadata", async (note) => {
    // After a power cut too, what the metadata names is there.
    await disk.syncDirectory(targetsDirectory);
    signal.throwIfAborted();
    const version = nextVersion(published, now);
    const signed = signedMetadata(targets.values(), version, expirations, key, now);
    await writeMetadata(directory, new Map<string, string | Uint8Array>([...roots, ...signed]));
    note(`version ${version}`);
  });
}

/** Signs what is published anew, unchanged but for versions and expirations. Writes metadata only. */
export async function refresh(
  publication: Pick<Publication, "directory" | "rootFile" | "root" | "key" | "expirations" | "now"> & {
    readonly published: TrustedRepository;
  },
): Promise<number> {
  const { directory, published, rootFile, root, key, expirations, now } = publication;
  checkMaySign(root, key);
  refuseExpiredRoot(rootFile, root, now);
  const roots = await rootChain(rootFile, published.places);
  const version = nextVersion(published, now);
  const targets = Object.values(published.targets.signed.targets);
  const signed = signedMetadata(targets, version, expirations, key, now);
  await writeMetadata(directory, new Map<string, string | Uint8Array>([...roots, ...signed]));
  return version;
}

/** No client would take anything. */
function refuseExpiredRoot(rootFile: string, root: Metadata<Root>, now: InstantNs): void {
  const { expires } = root.signed;
  const isExpired = root.signed.isExpired(new Date(Number(now / 1_000_000n)));
  if (isExpired) throw fail("publish/expired", { role: "root", url: rootFile, expires });
}

function checkNamed(needed: ReadonlySet<string>, there: readonly string[]): void {
  const names = [...needed].filter((name) => !there.includes(name));
  if (names.length > 0) throw fail("publish/missing-targets", { names });
}

/** A target keeps its content; the manifest is what changes with every publication. */
function checkSame(before: TargetFile | undefined, target: TargetFile): void {
  if (before === undefined || target.path === MANIFEST) return;
  if (before.hashes.sha256 !== target.hashes.sha256) {
    throw fail("publish/target-differs", { name: target.path });
  }
}
