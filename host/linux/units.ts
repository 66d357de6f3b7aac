/** Questions about systemd's units. */

import { join } from "node:path";
import { readTextIfExists } from "./files.ts";
import { run } from "./process.ts";

/**
 * Whether a service has processes, without asking systemd, which may be busy booting: then, and only then, its control group exists and is populated.
 *
 * @param root  the directory under which /sys is found: "/" on a host
 */
export async function hasProcesses(root: string, unit: string): Promise<boolean> {
  const events = join(root, "sys/fs/cgroup/system.slice", unit, "cgroup.events");
  return /^populated 1$/m.test((await readTextIfExists(events)) ?? "");
}

/** How systemd sees a unit that may have no processes. */
export type UnitState = "not-found" | "failed" | "other";

/**
 * Whether a unit is there at all, and if so, whether it has failed and was not started since.
 *
 * @throws  Error if systemctl cannot be started
 */
export async function unitState(unit: string): Promise<UnitState> {
  const command = ["systemctl", "show", "--property=LoadState", "--property=ActiveState", unit];
  const { stdout } = await run(command, { timeoutMs: 60_000 });
  if (/^LoadState=not-found$/m.test(stdout)) return "not-found";
  return /^ActiveState=failed$/m.test(stdout) ? "failed" : "other";
}
