/** Questions about control groups that the kernel answers in files. */
import { readTextIfExists } from "./files.ts";

/** Where the memory of a group is told of: in the one hierarchy of version 2, or in memory's own of version 1. */
const memoryFiles = (group: string) => [
  `/sys/fs/cgroup${group}/memory.events`,
  `/sys/fs/cgroup/memory${group}/memory.oom_control`,
];

/**
 * How many processes of a control group the kernel has killed because memory ran out: that which the group may use,
 * or that of the host.
 *
 * @param group  its path, "/default/admin"; 0 if there is no such group any more
 */
export async function killedForMemory(group: string): Promise<number> {
  for (const file of memoryFiles(group)) {
    const count = /^oom_kill (\d+)$/m.exec((await readTextIfExists(file)) ?? "")?.[1];
    if (count !== undefined) return Number(count);
  }
  return 0;
}
