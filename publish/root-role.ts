/** The root role: which keys may sign what (specification "updates" 12.1). Decides. */
import { Metadata, MetadataKind, Root } from "@tufjs/models";
import { type InstantNs, instantText } from "../host/update/index.ts";
import { fail } from "./failures.ts";
import type { SigningKey } from "./keys.ts";

/** 52 weeks, as in the reference's root roles. */
export const ROOT_VALID_NS = 52n * 604_800n * 1_000_000_000n;

export const SPEC_VERSION = "1.0.0";

/** The roles that the publication key signs. */
export const publicationRoles = ["snapshot", "targets", "timestamp"] as const;

export interface RootKeys {
  readonly root: readonly SigningKey[];
  readonly publication: readonly SigningKey[];
  readonly rootThreshold: number;
  readonly publicationThreshold: number;
}

/** The first root role of a repository, signed by its root keys. */
export function firstRoot(keys: RootKeys, now: InstantNs): Metadata<Root> {
  return signedRoot(keys, keys.root, 1, now);
}

/**
 * The next version of a root role.
 *
 * @param presentKeys  root keys of the present version, which has to agree: enough for its threshold
 * @throws publish/root-key-replaced when one of them is none of the present version's
 */
export function nextRoot(
  present: Metadata<Root>,
  presentKeys: readonly SigningKey[],
  keys: RootKeys,
  now: InstantNs,
): Metadata<Root> {
  const inRole = present.signed.roles.root?.keyIDs ?? [];
  const foreign = presentKeys.find((key) => !inRole.includes(key.public.keyID));
  if (foreign !== undefined) {
    throw fail("publish/root-key-replaced", { keyId: foreign.public.keyID, file: foreign.file, inRole });
  }
  const roles: [role: string, keys: readonly SigningKey[]][] = [
    ["root", presentKeys],
    ["root", keys.root],
    ...publicationRoles.map((role): [string, readonly SigningKey[]] => [role, keys.publication]),
  ];
  // One key a role is all there is here; a threshold above that must not be lowered on the way.
  for (const [role, ofRole] of roles) {
    const threshold = present.signed.roles[role]?.threshold ?? 1;
    checkThreshold(`the threshold of ${role} in the present root role`, threshold, ofRole);
  }
  const next = signedRoot(keys, [...presentKeys, ...keys.root], present.signed.version + 1, now);
  present.verifyDelegate(MetadataKind.Root, next);
  return next;
}

/**
 * Refuses a key whose signature clients would not count.
 *
 * @throws publish/key-not-in-role, publish/bad-threshold
 */
export function checkMaySign(root: Metadata<Root>, key: SigningKey): void {
  for (const role of publicationRoles) {
    const { keyIDs = [], threshold = 1 } = root.signed.roles[role] ?? {};
    const keyId = key.public.keyID;
    if (!keyIDs.includes(keyId)) {
      throw fail("publish/key-not-in-role", { role, keyId, file: key.file, inRole: keyIDs });
    }
    if (threshold > 1) {
      throw fail("publish/bad-threshold", {
        field: `the threshold of ${role} in the root role`,
        threshold,
        keys: 1,
      });
    }
  }
}

function signedRoot(
  keys: RootKeys,
  signers: readonly SigningKey[],
  version: number,
  now: InstantNs,
): Metadata<Root> {
  checkThreshold("root_key_threshold", keys.rootThreshold, keys.root);
  checkThreshold("pub_key_threshold", keys.publicationThreshold, keys.publication);
  const expires = wholeSeconds(now + ROOT_VALID_NS);
  const root = new Root({ version, specVersion: SPEC_VERSION, expires, consistentSnapshot: true });
  const roles: [role: string, keys: readonly SigningKey[]][] = [
    ["root", keys.root],
    ...publicationRoles.map((role): [string, readonly SigningKey[]] => [role, keys.publication]),
  ];
  for (const [role, ofRole] of roles) {
    for (const key of ofRole) root.addKey(key.public, role);
  }
  const metadata = new Metadata(root);
  for (const signer of signers) metadata.sign((data) => signer.sign(data));
  return metadata;
}

function checkThreshold(field: string, threshold: number, keys: readonly SigningKey[]): void {
  if (threshold > keys.length) throw fail("publish/bad-threshold", { field, threshold, keys: keys.length });
}

/** RFC 3339 without a fraction, which not every client takes in an expiry. */
export function wholeSeconds(instant: InstantNs): string {
  return instantText(instant - (instant % 1_000_000_000n));
}
