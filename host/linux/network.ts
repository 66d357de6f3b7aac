/**
 * What the kernel and systemd-networkd know about network interfaces, and the resolver's reverse lookup.
 *
 * `root` is the directory under which /proc, /sys and /run are found: "/" on a host.
 */

import { promises as dns } from "node:dns";
import { readdir } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { readTextIfExists } from "./files.ts";

/** An address that is usable now: neither tentative nor failed. */
export interface InterfaceAddress {
  readonly family: "ipv4" | "ipv6";
  /** Without prefix length or zone. */
  readonly address: string;
  /** Still valid, but about to be replaced; new connections should not use it. */
  readonly deprecated: boolean;
  /** A privacy address that changes with time. */
  readonly temporary: boolean;
}

/** The addresses of an interface that is up, in the kernel's order. */
export async function interfaceAddresses(root: string, name: string): Promise<readonly InterfaceAddress[]> {
  const ipv4 = (networkInterfaces()[name] ?? [])
    .filter(({ family }) => family === "IPv4")
    .map(({ address }) => ({ family: "ipv4" as const, address, deprecated: false, temporary: false }));
  return [...ipv4, ...ipv6Addresses((await readTextIfExists(join(root, "proc/net/if_inet6"))) ?? "", name)];
}

// Flags of /proc/net/if_inet6 (include/uapi/linux/if_addr.h).
const temporaryFlag = 0x01;
const dadFailedFlag = 0x08;
const deprecatedFlag = 0x20;
const tentativeFlag = 0x40;

/**
 * Reads `/proc/net/if_inet6`: per line 32 hex digits of the address, interface index, prefix length, scope and
 * flags in hex, and the interface's name.
 */
export function ipv6Addresses(text: string, name: string): readonly InterfaceAddress[] {
  return text.split("\n").flatMap((line) => {
    const [digits, , , , flagsHex, lineName] = line.trim().split(/\s+/);
    if (lineName !== name || digits === undefined || !/^[0-9a-f]{32}$/i.test(digits)) return [];
    const flags = Number.parseInt(flagsHex ?? "", 16);
    if ((flags & (tentativeFlag | dadFailedFlag)) !== 0) return [];
    return [
      {
        family: "ipv6" as const,
        address: compressed(digits),
        deprecated: (flags & deprecatedFlag) !== 0,
        temporary: (flags & temporaryFlag) !== 0,
      },
    ];
  });
}

/** The usual short form of an IPv6 address given as 32 hex digits. */
function compressed(digits: string): string {
  const groups = digits.match(/.{4}/g)?.join(":") ?? "";
  return new URL(`http://[${groups}]/`).hostname.slice(1, -1);
}

/** The kernel's number of an interface, `undefined` if there is no such interface. */
export async function interfaceIndex(root: string, name: string): Promise<number | undefined> {
  const text = await readTextIfExists(join(root, "sys/class/net", name, "ifindex"));
  const index = Number(text?.trim() ?? "");
  return Number.isInteger(index) && index > 0 ? index : undefined;
}

/**
 * The interface with a hardware address, `undefined` if there is none. Where several have it (a VLAN or bond
 * takes its parent's), the one that the kernel numbered first, which is the hardware.
 *
 * @param macAddress  lower case, with colons
 */
export async function interfaceWithMac(root: string, macAddress: string): Promise<string | undefined> {
  const found: { name: string; index: number }[] = [];
  for (const name of await readdir(join(root, "sys/class/net"))) {
    const address = await readTextIfExists(join(root, "sys/class/net", name, "address"));
    if (address?.trim().toLowerCase() !== macAddress) continue;
    found.push({ name, index: (await interfaceIndex(root, name)) ?? Number.MAX_SAFE_INTEGER });
  }
  return found.sort((a, b) => a.index - b.index)[0]?.name;
}

/** The state which systemd-networkd keeps for an interface: `KEY=value` lines of its link and DHCPv4 lease. */
export async function networkdState(
  root: string,
  index: number,
): Promise<{ readonly link: string | undefined; readonly lease: string | undefined }> {
  const directory = join(root, "run/systemd/netif");
  return {
    link: await readTextIfExists(join(directory, "links", String(index))),
    lease: await readTextIfExists(join(directory, "leases", String(index))),
  };
}

/**
 * The name of an address from /etc/hosts or DNS.
 *
 * @returns `undefined` if there is none, if the resolver fails, or if it does not answer in time
 */
export async function reverseLookup(address: string, timeoutMs: number): Promise<string | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), timeoutMs);
  const answer = dns.lookupService(address, 0).then(
    // A resolver without an answer may hand back the address itself, which is no name.
    ({ hostname }) => (hostname === address ? undefined : hostname),
    () => undefined, // No name, no server, a refusal: for the caller all mean that the address has no name.
  );
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
