/**
 * The node's address, hostname and resolver, asked of the running network.
 *
 * `root` is the directory under which /etc, /proc, /run, /sys and /var are found: "/" on a host.
 *
 * @source specification "platform" 6.9, 6.10
 */

import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readTextIfExists, writeWhole } from "../../linux/files.ts";
import { maxHostnameBytes, writeHostname } from "../../linux/kernel.ts";
import { interfaceAddresses, interfaceIndex, networkdState, reverseLookup } from "../../linux/network.ts";
import { problemText } from "../../settings/index.ts";
import { networkFailure } from "./failures.ts";
import { currentIpFile, readNetConfig } from "./generate.ts";
import { familyOf } from "./names.ts";
import { primaryDevice } from "./net-config.ts";
import { hostnameOf, kernelHostname, nodeAddress } from "./node-address.ts";
import { primaryInterface } from "./primary-interface.ts";
import { type DnsConfig, dnsOfNetworkd, parseNetdogToml, resolvConf } from "./resolv-conf.ts";

/** A resolver that does not answer must not hold up the boot for longer. */
const reverseLookupTimeoutMs = 3000;

/** The parts of the running network that a test replaces. */
export interface RunningNetwork {
  readonly addresses: typeof interfaceAddresses;
  readonly lookup: (address: string, timeoutMs: number) => Promise<string | undefined>;
}

const thisNetwork: RunningNetwork = { addresses: interfaceAddresses, lookup: reverseLookup };

/**
 * The node's IP address: what the kernel has on the primary interface now, else what was last seen there in
 * this boot.
 *
 * @throws  Failure if there is no primary interface, or it has no address
 */
export async function nodeIp(root: string, network: RunningNetwork = thisNetwork): Promise<string> {
  const name = await primaryInterface(root);
  const address = await addressOf(root, name, network);
  if (address !== undefined) return address;
  const seen = (await readTextIfExists(join(root, currentIpFile)))?.trim();
  if (seen !== undefined && familyOf(seen) !== undefined) return seen;
  throw networkFailure("network/no-address", { name });
}

async function addressOf(root: string, name: string, network: RunningNetwork): Promise<string | undefined> {
  const read = await readNetConfig(root);
  const primary = read.kind === "read" ? primaryDevice(read.config) : undefined;
  const { static4 = [], static6 = [] } = primary?.addressing ?? {};
  return nodeAddress(await network.addresses(root, name), [...static4, ...static6]);
}

/**
 * The value for `settings.network.hostname`: the name of the node's address from /etc/hosts or DNS, else the
 * address in a form that the setting accepts.
 *
 * @returns the name, and whether the lookup found it
 * @throws  Failure as `nodeIp` and `writeResolvConf`: without an address there is nothing to name the node after
 */
export async function generateHostname(
  root: string,
  network: RunningNetwork = thisNetwork,
): Promise<{ readonly hostname: string; readonly found: boolean; readonly address: string }> {
  const address = await nodeIp(root, network);
  // On a first boot the settings are not applied yet and nobody has told the C library its name servers.
  const resolver = (await readTextIfExists(join(root, "etc/resolv.conf"))) ?? "";
  if (!/^nameserver /m.test(resolver)) await writeResolvConf(root, network);
  const looked = await network.lookup(address, reverseLookupTimeoutMs);
  const hostname = hostnameOf(address, looked);
  return { hostname, found: looked !== undefined && hostname !== hostnameOf(address, undefined), address };
}

/**
 * Sets the kernel's hostname.
 *
 * @returns the name that was set: the first label where the kernel cannot hold all of it
 * @throws  Failure if the name is empty, has blanks or control characters, or the kernel refuses it
 */
export async function setHostname(root: string, name: string): Promise<string> {
  if (!/^[^\s\p{Cc}]+$/u.test(name)) throw networkFailure("network/bad-hostname", { name });
  const held = kernelHostname(name, maxHostnameBytes);
  await writeHostname(root, held);
  return held;
}

interface WrittenResolvConf {
  readonly text: string;
  /** `false`: /etc/netdog.toml is missing or empty, so everything comes from DHCP. */
  readonly configured: boolean;
}

/**
 * Writes /etc/resolv.conf whole, and notes the primary interface's present address for later readers.
 *
 * @throws  Failure if there is no primary interface, /etc/netdog.toml is malformed, or a file cannot be written;
 *          /etc/resolv.conf is then as it was
 */
export async function writeResolvConf(
  root: string,
  network: RunningNetwork = thisNetwork,
): Promise<WrittenResolvConf> {
  const name = await primaryInterface(root);
  const settings = (await readTextIfExists(join(root, "etc/netdog.toml"))) ?? "";
  const configured = parseNetdogToml(settings);
  if (!configured.ok) {
    const problems = configured.problems.map((problem) => problemText(problem, "/etc/netdog.toml"));
    throw networkFailure("network/bad-dns-settings", { problems });
  }
  const text = resolvConf(configured.dns, await leasedDns(root, name));
  await writeWhole(join(root, "etc/resolv.conf"), text, { mode: 0o644, durable: false });

  const address = await addressOf(root, name, network);
  if (address !== undefined) {
    await mkdir(join(root, dirname(currentIpFile)), { recursive: true, mode: 0o700 });
    await writeWhole(join(root, currentIpFile), address, { durable: false });
  }
  return { text, configured: settings.trim() !== "" };
}

async function leasedDns(root: string, name: string): Promise<DnsConfig> {
  const index = await interfaceIndex(root, name);
  if (index === undefined) return { nameServers: undefined, searchList: undefined };
  return dnsOfNetworkd(await networkdState(root, index));
}
