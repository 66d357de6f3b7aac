/**
 * Which of the updates that updog lists is the chosen one (specification "updates" 8.5). Decides.
 *
 * updog has left out what is for other variants and architectures, above its maximum version, or whose wave has not
 * come; the list is in descending order.
 */
import { compareVersions, parseVersion, type Version } from "../version.ts";
import { type Image, image, record, string } from "./status.ts";

/** An update that this host may take. */
export interface Offer {
  readonly image: Image;
  readonly version: Version;
  readonly maxVersion: Version;
}

/**
 * Reads what `updog whats --all --json` has printed.
 *
 * @throws Error with what is wrong in it
 */
export function parseOffers(text: string): readonly Offer[] {
  const list: unknown = JSON.parse(text);
  if (!Array.isArray(list)) throw new Error("it is not a list");
  return list.map((entry: unknown, index) => {
    const fields = record(`[${index}]`, entry);
    const own = image(`[${index}]`, entry);
    // One of the repository's own, which has none: then it is the highest itself.
    const max = fields.max_version === undefined ? own.version : string("max_version", fields.max_version);
    return { image: own, version: versionOf(own.version), maxVersion: versionOf(max) };
  });
}

/** What is chosen, and what would be if its version were not refused. */
export interface Choice {
  readonly chosen: Image | null;
  readonly refused: Image | null;
}

/**
 * Chooses as the version lock says: `latest`, or one version and no other.
 *
 * @param running  the version that runs
 * @param lock     settings.updates.version-lock
 * @param refused  versions that are not taken by themselves
 * @throws Error when `running` or the lock is no version
 */
export function chooseOffer(
  offers: readonly Offer[],
  running: string,
  lock: string,
  refused: { has(version: string): boolean },
): Choice {
  const suitable = suits(versionOf(running), lock);
  const all = offers.filter(suitable);
  const best = all[0]?.image ?? null;
  const chosen = all.find((offer) => !refused.has(offer.version.text))?.image ?? null;
  return { chosen, refused: best !== null && refused.has(best.version) ? best : null };
}

function suits(running: Version, lock: string): (offer: Offer) => boolean {
  if (lock !== "latest") {
    const locked = versionOf(lock.replace(/^v/, ""));
    return ({ version }) => version.text === locked.text && version.text !== running.text;
  }
  // Also back: what runs may have been withdrawn, and is then above the maximum that is published.
  return ({ version, maxVersion }) =>
    compareVersions(running, version) < 0 || compareVersions(running, maxVersion) > 0;
}

function versionOf(text: string): Version {
  const version = parseVersion(text);
  if (version === undefined) throw new Error(`${JSON.stringify(text)} is not a version such as 1.11.1`);
  return version;
}
