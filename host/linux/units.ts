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

/**
 * Whether a unit has failed and was not started since, as systemd says.
 *
 * @throws  Error if systemctl cannot be started
 */
export async function hasFailed(unit: string): Promise<boolean> {
  return (await run(["systemctl", "is-failed", "--quiet", unit], { timeoutMs: 60_000 })).exitCode === 0;
}
