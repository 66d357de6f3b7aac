/**
 * Which of the updates that updog lists is the chosen one (specification "updates" 8.5). Decides.
 *
 * updog has left out what is for other variants and architectures, above its maximum version, or whose wave has not
 * come; the list is in descending order.
 */
import { chooseUpdate, parseVersionLock, refusedFailure } from "../choose.ts";
import { parseVersion, type Version } from "../version.ts";
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

/** What would be chosen if its version were not refused, with the sentence that says why it is. */
export interface RefusedChoice {
  readonly image: Image;
  readonly says: string;
}

export interface ListedChoice {
  readonly chosen: Image | null;
  readonly refused: RefusedChoice | null;
}

/** @throws Error with what is wrong */
export function parseRefusedChoice(text: string): RefusedChoice {
  const fields = record("the refused choice", JSON.parse(text));
  return { image: image("image", fields.image), says: string("says", fields.says) };
}

/**
 * Chooses as the version lock says: `latest`, or one version and no other.
 *
 * @param running  the version that runs
 * @param lock     settings.updates.version-lock
 * @param refused  versions that are not taken by themselves
 * @throws Error when `running` or the lock is no version
 */
export function chooseListed(
  offers: readonly Offer[],
  running: string,
  lock: string,
  refused: ReadonlyMap<string, { readonly reason: string }>,
): ListedChoice {
  const wish = parseVersionLock(lock);
  if (wish === undefined) throw notVersion(lock);
  const { update, passedOver } = chooseUpdate(offers, versionOf(running), wish, refused);
  const [first] = passedOver;
  const image = offers.find(({ version }) => version.text === first?.version)?.image;
  const chosen = update?.image ?? null;
  if (first === undefined || image === undefined) return { chosen, refused: null };
  const { message, hint } = refusedFailure(first);
  return { chosen, refused: { image, says: `${message}. ${hint}` } };
}

function versionOf(text: string): Version {
  const version = parseVersion(text);
  if (version === undefined) throw notVersion(text);
  return version;
}

const notVersion = (text: string): Error =>
  new Error(`${JSON.stringify(text)} is not a version such as 1.11.1`);
