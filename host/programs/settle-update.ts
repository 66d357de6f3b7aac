/** settle-update: draws the conclusion from an update that the boot before was started with. Early in the boot. */
import { type HostPlace, settleAttempt } from "../update/index.ts";
import { type ProgramShape, runProgram } from "./program.ts";
import { runningVersion } from "./this-boot.ts";

const shape: ProgramShape = {
  name: "settle-update",
  about: "Says what became of the last update. One that failed is not taken again by itself.",
  options: [],
};

/** @returns 0; 1 if the sets cannot be read or a file cannot be written; 2 for a wrong command line */
export function main(args: readonly string[], place: HostPlace = { root: "/" }): Promise<number> {
  return runProgram(shape, args, async (_given, say) => {
    const settled = await settleAttempt(place, await runningVersion());
    if (settled.kind === "none") return 0;
    // An error, so that it is on the console too: the host runs another version than somebody expects.
    if (settled.kind === "failed") say.error(settled.text);
    else say.info(settled.text);
    return 0;
  });
}
