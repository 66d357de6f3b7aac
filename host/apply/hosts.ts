/** The names of /etc/hosts (specification "rendered-config" 3.2 and 6.3). */

import { canonicalIp } from "../settings/index.ts";

/** One address and the names it has, in order. */
export interface HostsEntry {
  readonly address: string;
  readonly names: readonly string[];
}

const loopback = { ipv4: "127.0.0.1", ipv6: "::1" } as const;

/**
 * Entries with the same address become one: at the place of the first, names in order, duplicates kept.
 *
 * @param hosts  value of settings.network.hosts: a list of `[address, [name, ...]]`, `undefined` if unset
 * @throws  Error if it has another shape
 */
export function mergedHosts(hosts: unknown): readonly HostsEntry[] {
  const merged = new Map<string, { address: string; names: string[] }>();
  for (const { address, names } of entries(hosts)) {
    const key = canonicalAddress(address);
    const entry = merged.get(key);
    if (entry === undefined) merged.set(key, { address, names: [...names] });
    else entry.names.push(...names);
  }
  return [...merged.values()];
}

/** The merged entries that get their own line: all but exactly the two loopback addresses. */
export function ownLines(hosts: unknown): readonly HostsEntry[] {
  const fixed: readonly string[] = Object.values(loopback);
  return mergedHosts(hosts).filter(({ address }) => !fixed.includes(canonicalAddress(address)));
}

/**
 * The names that a loopback line has beside its fixed ones: the hostname if nothing else answers for it, then
 * the names which the setting gives to this loopback address.
 *
 * @param hostnameResolves  whether the resolver finds the hostname at an address other than loopback
 */
export function loopbackAliases(
  version: "ipv4" | "ipv6",
  hostname: string,
  hosts: unknown,
  hostnameResolves: boolean,
): readonly string[] {
  const own = hostname !== "" && !hostnameResolves && !namesHost(hosts, hostname) ? [hostname] : [];
  const given = mergedHosts(hosts).find(({ address }) => canonicalAddress(address) === loopback[version]);
  return [...own, ...(given?.names ?? [])];
}

/** Whether an entry of the setting lists exactly this name, so that no lookup is needed to know it resolves. */
export function namesHost(hosts: unknown, hostname: string): boolean {
  return mergedHosts(hosts).some(({ names }) => names.includes(hostname));
}

function entries(hosts: unknown): readonly HostsEntry[] {
  if (hosts === undefined || hosts === null) return [];
  if (!Array.isArray(hosts)) throw new Error("the hosts entries are not a list");
  return hosts.map((entry: unknown) => {
    const [address, names]: readonly unknown[] = Array.isArray(entry) ? entry : [];
    const ok =
      typeof address === "string" && Array.isArray(names) && names.every((n) => typeof n === "string");
    if (!ok) throw new Error("a hosts entry is not an address with a list of names");
    return { address, names };
  });
}

/** One text for each address: `::1` and its long form are equal. Anything that is no address stays. */
function canonicalAddress(address: string): string {
  return canonicalIp(address) ?? address;
}
