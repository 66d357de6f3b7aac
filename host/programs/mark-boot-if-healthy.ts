/**
 * mark-boot-if-healthy: marks a boot as good once its health checks hold, or gives up an update on trial. The unit
 * mark-successful-boot starts it when the host is configured and its services are up (specification "updates" 4).
 */
import { runInContainer } from "../containers/run-in-container.ts";
import { endText } from "../linux/process.ts";
import { showUnits } from "../linux/units.ts";
import { type HostPlace, judgeBoot } from "../update/index.ts";
import { HOST_CONTAINERD_SOCKET } from "./host-containerd.ts";
import { apiOf, type ProgramShape, runProgram, socketOption } from "./program.ts";
import { readMember } from "./settings-member.ts";
import { rebootHost, runningVersion } from "./this-boot.ts";

const shape: ProgramShape = {
  name: "mark-boot-if-healthy",
  about: `Marks this boot as good when what settings.updates.health asks for holds.
Otherwise an update on trial is given up: the host reboots into the set before. Any other set stays.`,
  options: [socketOption],
};

/** @returns 0; 1 if an update was given up, or flags or settings cannot be read or written; 2 for a wrong command line */
export function main(args: readonly string[], place: HostPlace = { root: "/" }): Promise<number> {
  return runProgram(shape, args, async (given, say) => {
    const verdict = await judgeBoot({
      place,
      version: await runningVersion(),
      updates: () => readMember(apiOf(given).socketPath, "updates"),
      showUnits,
      async runInContainer({ container, command }, timeoutMs) {
        const result = await runInContainer(HOST_CONTAINERD_SOCKET, container, command, timeoutMs);
        return { ...result, how: endText(result, { timeoutMs }) };
      },
      nowMs: () => performance.now(),
      pause: (ms) => Bun.sleep(ms),
      reboot: rebootHost,
      say,
    });
    return verdict === "given-up" ? 1 : 0;
  });
}
