/** Waiting for what a process does in its own time. */

const PATIENCE_MS = 30_000; // many times what anything here takes, on a machine that does much else
const POLL_MS = 20;

/**
 * Waits until something is so.
 *
 * @param what  what is waited for, for the message
 * @throws  when it is not so after 30 s
 */
export async function eventually(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > deadlineMs) throw new Error(`${what}: not within ${PATIENCE_MS / 1000} s`);
    await Bun.sleep(POLL_MS);
  }
}
