/** What the kernel knows of systemd's units, without asking systemd, which may be busy booting. */

import { join } from "node:path";
import { readTextIfExists } from "./files.ts";

/**
 * Whether a service has processes: then, and only then, its control group exists and is populated.
 *
 * @param root  the directory under which /sys is found: "/" on a host
 */
export async function hasProcesses(root: string, unit: string): Promise<boolean> {
  const events = join(root, "sys/fs/cgroup/system.slice", unit, "cgroup.events");
  return /^populated 1$/m.test((await readTextIfExists(events)) ?? "");
}
