/** How many CPUs this process may use: those of its affinity, and no more than its control groups pay for. */

import { join } from "node:path";
import { readTextIfExists } from "./files.ts";

/**
 * @param process        the kernel's folder about the process
 * @param controlGroups  where the tree of control groups (version 2) is mounted
 * @returns at least 1
 */
export async function usableCpuCount(
  process = "/proc/self",
  controlGroups = "/sys/fs/cgroup",
): Promise<number> {
  const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(await readText(join(process, "status")))?.[1];
  const counts = [allowed === undefined ? 1 : countOfList(allowed)];
  const group = /^0::(\/.*)$/m.exec(await readText(join(process, "cgroup")))?.[1] ?? "/";
  // Each group above may have a limit too.
  for (let path = group; ; path = join(path, "..")) {
    const limit = /^(\d+) (\d+)$/.exec((await readText(join(controlGroups, path, "cpu.max"))).trim());
    if (limit !== null) counts.push(Math.ceil(Number(limit[1]) / Number(limit[2])));
    if (path === "/") return Math.max(1, Math.min(...counts));
  }
}

/** How many numbers there are in "0-3,8,10-11". */
function countOfList(list: string): number {
  return list
    .split(",")
    .map((range) => range.split("-").map(Number))
    .reduce((sum, [first = 0, last = first]) => sum + last - first + 1, 0);
}

async function readText(path: string): Promise<string> {
  return (await readTextIfExists(path)) ?? "";
}
