/** Questions about control groups that the kernel answers in files. */
import { errorCode, readTextIfExists } from "./files.ts";

/** Where the memory of a group is told of: in the one hierarchy of version 2, or in memory's own of version 1. */
const memoryFiles = (group: string, hierarchies: string) => [
  `${hierarchies}${group}/memory.events`,
  `${hierarchies}/memory${group}/memory.oom_control`,
];

/**
 * How many processes of a control group the kernel has killed because memory ran out: that which the group may use,
 * or that of the host.
 *
 * @param group  its path, "/default/admin"; 0 if there is no such group any more
 */
export async function killedForMemory(group: string, hierarchies = "/sys/fs/cgroup"): Promise<number> {
  for (const file of memoryFiles(group, hierarchies)) {
    const count = /^oom_kill (\d+)$/m.exec((await readOfGroup(file)) ?? "")?.[1];
    if (count !== undefined) return Number(count);
  }
  return 0;
}

async function readOfGroup(file: string): Promise<string | undefined> {
  try {
    return await readTextIfExists(file);
  } catch (error) {
    // The group was removed between opening the file and reading it: as good as not there.
    if (errorCode(error) === "ENODEV") return undefined;
    throw error;
  }
}
