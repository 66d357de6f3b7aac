/** What is left of a container removed, whatever it does: what answers to `host-ctr clean-up`. */
import { findContainer, removeContainer } from "./containers.ts";
import type { HostCtr } from "./host-ctr.ts";
import { endTask, findTask } from "./tasks.ts";

/**
 * @param id  in the runtime: bootstrap containers are there as `boot.NAME`
 * @throws ContainerdError
 */
export async function cleanUpContainer({ containerd, log }: HostCtr, id: string): Promise<void> {
  const container = await findContainer(containerd, id);
  if (container === undefined) {
    log.info(`there is no container ${id}, so nothing is to be cleaned up`);
    return;
  }
  if ((await findTask(containerd, id)) !== undefined) await endTask(containerd, id);
  await removeContainer(containerd, container);
  log.info(`container ${id} is removed`);
}
