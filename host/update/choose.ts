/** Which update a host takes (specification "updates" 6.1). Decides; it is given version, seed and time. */
import type { Failure } from "../linux/failure.ts";
import { fail } from "./failures.ts";
import type { InstantNs } from "./instants.ts";
import type { Update } from "./manifest.ts";
import { compareVersions, parseVersion, type Version } from "./version.ts";
import { isReady } from "./waves.ts";

/** What the host is, and when it asks. */
export interface Seeker {
  readonly variant: string;
  readonly arch: string;
  readonly seed: number;
  /** Take what is published whether or not the host's wave has come. */
  readonly ignoreWaves: boolean;
  readonly now: InstantNs;
}

/** What is asked for: the newest, one version unless it runs already, or one version in any case. */
export type Wish =
  | { readonly kind: "latest" }
  | { readonly kind: "lock"; readonly version: Version }
  | { readonly kind: "image"; readonly version: Version };

/** What of an update decides whether it is taken. */
type Versions = Pick<Update, "version" | "maxVersion">;

/** A version that is not taken by itself, and why. */
export interface PassedOver {
  readonly version: string;
  readonly reason: string;
}

export interface Choice<Offer = Update> {
  readonly update: Offer | undefined;
  /** What would have been chosen before it. */
  readonly passedOver: readonly PassedOver[];
}

/** The updates that the host may take, the highest version first; also those it has or has had. */
export function candidates(updates: readonly Update[], seeker: Seeker): readonly Update[] {
  return updates
    .filter(({ variant, arch }) => variant === seeker.variant && arch === seeker.arch)
    .filter(({ version, maxVersion }) => compareVersions(version, maxVersion) <= 0)
    .filter(({ waves }) => seeker.ignoreWaves || isReady(seeker.seed, waves, seeker.now))
    .sort((a, b) => compareVersions(b.version, a.version));
}

/**
 * The update that is taken.
 *
 * @param among    as `candidates` gives them
 * @param running  the version of the host
 * @param refused  versions that are not taken by themselves
 */
export function chooseUpdate<Offer extends Versions>(
  among: readonly Offer[],
  running: Version,
  wish: Wish,
  refused: ReadonlyMap<string, { readonly reason: string }>,
): Choice<Offer> {
  const passedOver: PassedOver[] = [];
  for (const update of among.filter(suits(running, wish))) {
    const version = update.version.text;
    const refusal = refused.get(version);
    if (refusal === undefined) return { update, passedOver };
    passedOver.push({ version, reason: refusal.reason });
  }
  return { update: undefined, passedOver };
}

/** Says why a version is passed over, and what to do to have it nevertheless. */
export function refusedFailure(passedOver: PassedOver): Failure {
  return fail("updog/refused", passedOver);
}

/** The wish that `settings.updates.version-lock` is: "latest", or a version with or without v; undefined for others. */
export function parseVersionLock(text: string): Wish | undefined {
  if (text === "latest") return { kind: "latest" };
  const version = parseVersion(text.replace(/^v/, ""));
  return version === undefined ? undefined : { kind: "lock", version };
}

function suits(running: Version, wish: Wish): (update: Versions) => boolean {
  switch (wish.kind) {
    case "image":
      return ({ version }) => compareVersions(version, wish.version) === 0;
    case "lock":
      return ({ version }) =>
        compareVersions(version, wish.version) === 0 && compareVersions(version, running) !== 0;
    case "latest":
      // Above the published maximum runs what was withdrawn: then down to the highest there is.
      return ({ version, maxVersion }) =>
        compareVersions(running, version) < 0 || compareVersions(running, maxVersion) > 0;
  }
}
