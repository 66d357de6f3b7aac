/**
 * Which of the primary interface's addresses is the node's, and what hostname follows from it.
 *
 * @source specification "platform" 6.10
 */

import type { InterfaceAddress } from "../../linux/network.ts";
import { canonicalIp, isHostname } from "../../settings/index.ts";
import { type Family, isLinkLocal } from "./names.ts";
import { type Addressing, requiredFamily } from "./net-config.ts";

/** The families of addresses, the preferred one first. */
export const anyFamily: readonly Family[] = ["ipv4", "ipv6"];

/**
 * The families of which a node's address is once its primary interface is online: the preferred one of those that
 * its configuration requires, any if it requires none.
 */
export function familiesOnline(addressing: Addressing | undefined): readonly Family[] {
  const required = addressing && requiredFamily(addressing);
  if (required === undefined) return anyFamily;
  return required === "both" ? ["ipv4"] : [required];
}

/**
 * Chooses the node's address: IPv4 before IPv6; in a family the first configured static address, else the
 * first the kernel has, permanent ones before those that change or expire.
 *
 * @param addresses   what the kernel has on the primary interface
 * @param configured  static addresses `ADDRESS/PREFIX` in the order of net.toml
 * @param families    those an address may be of, the preferred one first
 * @returns `undefined` if there is none that reaches further than its own link
 */
export function nodeAddress(
  addresses: readonly InterfaceAddress[],
  configured: readonly string[],
  families: readonly Family[] = anyFamily,
): string | undefined {
  const reachable = addresses.filter(({ address }) => !isLinkLocal(address));
  for (const family of families) {
    const ofFamily = reachable.filter((candidate) => candidate.family === family);
    const held = new Map(ofFamily.map(({ address }) => [canonicalIp(address), address]));
    const first =
      configured.flatMap((text) => held.get(withoutPrefix(text)) ?? [])[0] ??
      ofFamily.find(({ deprecated, temporary }) => !deprecated && !temporary)?.address ??
      ofFamily[0]?.address;
    if (first !== undefined) return first;
  }
  return undefined;
}

/** The address alone, in the form the kernel's are compared in. */
function withoutPrefix(text: string): string {
  const address = text.split("/", 1)[0] ?? "";
  return canonicalIp(address) ?? address;
}

/**
 * The hostname of a node: the name its address has, else the address itself, in a form that the setting
 * accepts: lower case, and `-` for the colons of IPv6.
 *
 * @param looked  what the reverse lookup found
 */
export function hostnameOf(address: string, looked: string | undefined): string {
  const name = looked?.toLowerCase().replace(/\.$/, "");
  if (name !== undefined && isHostname(name)) return name;
  const text = address.toLowerCase().replaceAll(":", "-");
  return text.startsWith("-") ? `ip${text}` : text;
}

/** The part of a name that the kernel can hold: the whole of it, or the first label of one too long. */
export function kernelHostname(name: string, maxBytes: number): string {
  return new TextEncoder().encode(name).length <= maxBytes ? name : (name.split(".", 1)[0] ?? name);
}
