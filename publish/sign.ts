/** Makes the metadata of a publication: targets, snapshot, timestamp, all of one version. Decides. */
import { createHash } from "node:crypto";
import { Metadata, MetaFile, Snapshot, type TargetFile, Targets, Timestamp } from "@tufjs/models";
import type { InstantNs } from "../host/update/index.ts";
import type { ExpirationPolicy } from "./expiration-policy.ts";
import type { SigningKey } from "./keys.ts";
import { SPEC_VERSION, wholeSeconds } from "./root-role.ts";
import type { TrustedRepository } from "./trusted.ts";

/**
 * The files by name.
 *
 * @param version  above that of everything published before
 * @param now      expirations count from here: a release that starts later is trusted no longer for that
 */
export function signedMetadata(
  targets: Iterable<TargetFile>,
  version: number,
  expirations: ExpirationPolicy,
  key: SigningKey,
  now: InstantNs,
): ReadonlyMap<string, string> {
  const common = (role: keyof ExpirationPolicy) => ({
    version,
    specVersion: SPEC_VERSION,
    expires: wholeSeconds(now + expirations[role]),
  });
  const byName = Object.fromEntries([...targets].map((target) => [target.path, target]));
  const targetsText = signedText(new Targets({ ...common("targets"), targets: byName }), key);
  const meta = { "targets.json": metaOf(version, targetsText) };
  const snapshotText = signedText(new Snapshot({ ...common("snapshot"), meta }), key);
  const snapshotMeta = metaOf(version, snapshotText);
  const timestampText = signedText(new Timestamp({ ...common("timestamp"), snapshotMeta }), key);
  return new Map([
    [`${version}.targets.json`, targetsText],
    [`${version}.snapshot.json`, snapshotText],
    ["timestamp.json", timestampText],
  ]);
}

/** Unix seconds, but above what is published: a clock that went back must not make what clients refuse as older. */
export function nextVersion(published: TrustedRepository | undefined, now: InstantNs): number {
  const roles = published === undefined ? [] : [published.timestamp, published.snapshot, published.targets];
  return Math.max(Number(now / 1_000_000_000n), ...roles.map(({ signed }) => signed.version + 1));
}

function signedText(signed: Targets | Snapshot | Timestamp, key: SigningKey): string {
  const metadata = new Metadata(signed);
  metadata.sign((data) => key.sign(data));
  return metadataText(metadata);
}

/** Metadata as a file. */
export function metadataText(metadata: { toJSON(): object }): string {
  return `${JSON.stringify(metadata.toJSON(), undefined, 2)}\n`;
}

function metaOf(version: number, text: string): MetaFile {
  const bytes = Buffer.from(text);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return new MetaFile({ version, length: bytes.length, hashes: { sha256 } });
}
