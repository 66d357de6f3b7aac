/** Commands for the unit of a container. */

/** A command, and whether what it says does not matter. */
export interface UnitCommand {
  readonly words: readonly string[];
  readonly mayFail?: true;
}

/** The service that runs the containers. */
export const runtimeUnit = "host-containerd.service";

/** Removes what an earlier run of a container has left in the runtime, which must be running for that. */
export function cleanUp(containerId: string): UnitCommand {
  return { words: ["host-ctr", "clean-up", "--container-id", containerId] };
}

export function systemctl(...words: readonly string[]): UnitCommand {
  return { words: ["systemctl", ...words] };
}
