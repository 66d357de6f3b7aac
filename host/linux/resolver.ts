/** The system's resolver: /etc/hosts and DNS. */

import { promises as dns } from "node:dns";

const loopback = ["127.0.0.1", "::1"];

/**
 * Whether a name has addresses, none of which is the loopback address (specification "rendered-config" 3.2).
 *
 * @param timeoutMs  a resolver that has not answered by then counts as not knowing the name
 * @throws  never
 */
export async function resolvesElsewhere(name: string, timeoutMs: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), timeoutMs);
  try {
    return await Promise.race([late, lookup(name)]);
  } finally {
    clearTimeout(timer);
  }
}

async function lookup(name: string): Promise<boolean> {
  try {
    const addresses = await dns.lookup(name, { all: true });
    return addresses.length > 0 && !addresses.some(({ address }) => loopback.includes(address));
  } catch {
    // Every failure of the resolver means the same here: it does not know the name.
    return false;
  }
}
