/**
 * fall-back-if-unproven: ends the trial of a set that came up without being marked good. A timer of the boot starts it,
 * and at once what leaves no hope: settings that cannot be opened, or not be brought to this version.
 */
import { bootClock } from "../linux/boot-clock.ts";
import { showUnits } from "../linux/units.ts";
import {
  giveUpTrial,
  type HostPlace,
  readFailedTrial,
  readHostSets,
  setToFallBackTo,
} from "../update/index.ts";
import { type ProgramShape, runProgram } from "./program.ts";
import { rebootHost, runningVersion } from "./this-boot.ts";

const shape: ProgramShape = {
  name: "fall-back-if-unproven",
  about: `Reboots into the other set if the active one was never marked good and the other one can be started.
Otherwise it changes nothing.`,
  options: [],
};

const JUDGE = "mark-successful-boot.service";
const PAUSE_MS = 2000;
/** Longer than any time limit of health checks; what takes longer hangs. */
const PATIENCE_MS = 70 * 60_000;

/** @returns 0; 1 if the sets cannot be read or the reboot cannot be started; 2 for a wrong command line */
export function main(args: readonly string[], place: HostPlace = { root: "/" }): Promise<number> {
  return runProgram(shape, args, async (_given, say) => {
    let host = await readHostSets(place);
    if (setToFallBackTo(host) !== undefined) {
      await whileJudged();
      host = await readHostSets(place);
    }
    const back = setToFallBackTo(host);
    if (back === undefined) {
      say.info(`Set ${host.active} stays: it is marked as good, or nothing else would start`);
      return 0;
    }
    const version = await runningVersion();
    const said = await readFailedTrial(place.root);
    // The health checks may have given it up already, and known better why.
    const reason = said?.version === version ? said.reason : await reasonNow(place.root);
    await giveUpTrial({ place, version, say, reboot: rebootHost }, back, reason);
    return 0;
  });
}

/** Waits while health checks run: they have a time limit of their own, which may be longer than the timer's. */
async function whileJudged(): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (performance.now() < endMs) {
    const [judge] = await showUnits([JUDGE]).catch(() => []); // a systemd that does not answer is no reason to wait
    if (judge?.active !== "activating") return;
    await Bun.sleep(PAUSE_MS);
  }
}

async function reasonNow(root: string): Promise<string> {
  const seconds = Math.round(bootClock().uptimeSeconds());
  const time = seconds < 120 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`;
  // Only now: the host that is good, which is nearly every one, loads none of it.
  const { whatFailed } = await import("../status/index.ts");
  return [`it was not marked good in ${time}`, ...(await whatFailed(root))].join("; ");
}
