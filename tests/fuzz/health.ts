/** Whether the server answers at all, and how soon. */

const GIVE_UP_MS = 20_000;
const STEP_MS = 20;

/**
 * Asks for one setting on a connection of its own.
 *
 * @returns the status, or why there is none; and how long that took, without the time in which this process itself had
 *   no turn: it makes requests as well, and they are not the server's fault
 */
export async function askHealth(unix: string): Promise<{ readonly answer: string; readonly tookMs: number }> {
  const begin = performance.now();
  let answer: string | undefined;
  const asked = fetch("http://localhost/settings?keys=settings.motd", {
    unix,
    signal: AbortSignal.timeout(GIVE_UP_MS),
  })
    .then(async (response) => {
      await response.text();
      return String(response.status);
    })
    .catch((error: unknown) => String(error))
    .then((outcome) => {
      answer = outcome;
    });
  let ownMs = 0;
  while (answer === undefined) {
    const from = performance.now();
    await Promise.race([asked, Bun.sleep(STEP_MS)]);
    ownMs += Math.max(0, performance.now() - from - STEP_MS);
  }
  return { answer, tookMs: performance.now() - begin - ownMs };
}
