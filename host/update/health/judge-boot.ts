/**
 * Whether this boot counts as good, and what follows. To be called once the host is configured and its services are up.
 *
 * Only a set on trial with another one to go back to can be given up. A set that was good before stays: what its checks
 * miss now an older version would miss too, and going back and forth helps nobody. So does one without any other to
 * start: left unmarked, it could not even be started again.
 */
import { failureText } from "../../linux/failure.ts";
import type { Log } from "../../linux/log.ts";
import { recordFailedTrial } from "../attempts.ts";
import { setToFallBackTo } from "../fall-back.ts";
import { changeHostSets, type HostPlace, readHostSets } from "../host-sets.ts";
import type { SetName } from "../partition-sets.ts";
import { settleAttempt } from "../settle-attempt.ts";
import { hasChecks, healthChecksOf } from "./checks.ts";
import { keepUnmetChecks } from "./unmet-checks.ts";
import { type CheckedHost, waitForHealth } from "./wait-for-health.ts";

export interface JudgedHost extends CheckedHost {
  readonly place: HostPlace;
  /** The version that runs. */
  readonly version: string;
  /** settings.updates; undefined if nothing in it is set. */
  updates(): Promise<unknown>;
  /** Starts the restart of the host. */
  reboot(): Promise<void>;
  readonly say: Log;
}

/**
 * Marks the boot as good, or gives it up, or keeps it and tells what does not hold.
 *
 * @throws Failure when flags or settings cannot be read or written; a set on trial then stays unmarked
 */
export async function judgeBoot(host: JudgedHost): Promise<"good" | "unhealthy" | "given-up"> {
  const { place, say } = host;
  const isTrial = setToFallBackTo(await readHostSets(place)) !== undefined;
  // At once: whatever becomes of the checks, nothing is decided by them.
  if (!isTrial) await markGood(host);
  const checks = healthChecksOf(await host.updates());
  if (hasChecks(checks)) say.info(`The health checks have ${checks.limitMs / 1000} s to hold`);
  const unmet = hasChecks(checks) ? await waitForHealth(checks, host) : [];
  if (unmet.length === 0) {
    await keepUnmetChecks(place.root, []);
    if (isTrial) await markGood(host);
    return "good";
  }
  const reason = `within ${checks.limitMs / 1000} s these health checks did not hold: ${unmet.join("; ")}`;
  // Asked again: meanwhile somebody may have marked it good, or emptied the other set.
  const back = setToFallBackTo(await readHostSets(place));
  if (isTrial && back !== undefined) {
    await giveUpTrial(host, back, reason);
    return "given-up";
  }
  if (isTrial) await markGood(host);
  await keepUnmetChecks(place.root, unmet);
  say.error(`This boot stays, although ${reason}. Nothing is gone back to: no update is on trial`);
  return "unhealthy";
}

async function markGood({ place, version, say }: JudgedHost): Promise<void> {
  await changeHostSets(place, "mark-successful-boot");
  const settled = await settleAttempt(place, version);
  if (settled.kind !== "none") say.info(settled.text);
}

/**
 * Ends the trial of the active set: leaves word for the version that comes back, and restarts into it. The flags stay
 * as they are: they say already that the try is spent.
 *
 * @param back    the set that starts next
 * @param reason  as a clause
 */
export async function giveUpTrial(
  { place, version, say, reboot }: Pick<JudgedHost, "place" | "version" | "say" | "reboot">,
  back: SetName,
  reason: string,
): Promise<void> {
  // An error, so that it is on the console too: whoever finds the old set running must be able to see why.
  say.error(`Version ${version} was started on trial and is not good: ${reason}. Rebooting into set ${back}`);
  try {
    await recordFailedTrial(place.root, { version, reason, time: new Date().toISOString() });
  } catch (error) {
    // A full or broken disk must not keep the host on a version that is not good.
    say.error(`Why it is given up cannot be kept for the version that comes back: ${failureText(error)}`);
  }
  await reboot();
}
