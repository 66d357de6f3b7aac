/** Waiting for the primary interface's address at boot. */

import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../linux/failure.ts";
import type { AcceptedAddress } from "./network/index.ts";

/** What may still come: an address, or the network card itself. */
const mayCome: ReadonlySet<string> = new Set(["network/no-address", "network/primary-absent"]);

// As long as "network online" may take (specification "platform" 6.7); a host without an address by then is reported.
const addressLimits = { timeoutMs: 300_000, pollMs: 100 };

/**
 * Asks again until the primary interface has its address. So only a host that needs its address for a setting
 * waits for the network, and no longer than the address takes.
 *
 * Until the deadline an address must be of a family that the configuration requires: a router's advertisement may
 * be faster than DHCP, and what is generated from the address is kept for good.
 *
 * @throws  what `ask` throws when nothing more can come, or any address is accepted and there is none
 */
export async function awaitAddress<T>(
  ask: (accept: AcceptedAddress) => Promise<T>,
  { timeoutMs, pollMs }: typeof addressLimits = addressLimits,
): Promise<T> {
  const deadlineMs = performance.now() + timeoutMs;
  while (performance.now() < deadlineMs) {
    try {
      return await ask("required");
    } catch (error) {
      if (!(error instanceof Failure && mayCome.has(error.code))) throw error;
    }
    await sleep(pollMs);
  }
  return await ask("any");
}
