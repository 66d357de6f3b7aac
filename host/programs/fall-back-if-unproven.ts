/** fall-back-if-unproven: ends the trial of a set that came up without being marked good. A timer of the boot starts it. */
import { endText, run } from "../linux/process.ts";
import { readHostSets, setToFallBackTo } from "../update/index.ts";
import { type ProgramShape, runProgram } from "./program.ts";

const shape: ProgramShape = {
  name: "fall-back-if-unproven",
  about: `Reboots into the other set if the active one was never marked good and the other one can be started.
Otherwise it changes nothing.`,
  options: [],
};

const REBOOT = ["/usr/bin/systemctl", "reboot"];

/** @returns 0; 1 if the sets cannot be read or the reboot cannot be started; 2 for a wrong command line */
export function main(args: readonly string[]): Promise<number> {
  return runProgram(shape, args, async (_given, say) => {
    const host = await readHostSets({ root: "/" });
    const back = setToFallBackTo(host);
    if (back === undefined) {
      say.info(`Set ${host.active} stays: it is marked as good, or nothing else would start`);
      return 0;
    }
    // An error, so that it is on the console too: whoever finds the old set running must be able to see why.
    say.error(
      `Set ${host.active} was started on trial and has not been marked as good: rebooting into set ${back}. ` +
        "What kept it from being good: systemctl --failed, and apiclient get /boot/report",
    );
    const result = await run(REBOOT);
    if (result.exitCode === 0) return 0;
    say.error(`${REBOOT.join(" ")}: ${endText(result)}: ${result.stderr.trim()}`);
    return 1;
  });
}
