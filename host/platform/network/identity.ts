/**
 * The node's address, hostname and resolver, asked of the running network.
 *
 * `root` is the directory under which /etc, /proc, /run, /sys and /var are found: "/" on a host.
 *
 * @source specification "platform" 6.9, 6.10
 */

import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Failure } from "../../linux/failure.ts";
import { readTextIfExists, writeWhole } from "../../linux/files.ts";
import { maxHostnameBytes, writeHostname } from "../../linux/kernel.ts";
import { interfaceAddresses, interfaceIndex, networkdState, reverseLookup } from "../../linux/network.ts";
import { problemText } from "../../settings/index.ts";
import { networkFailure } from "./failures.ts";
import { currentIpFile, readNetConfig } from "./generate.ts";
import { familyOf } from "./names.ts";
import { type Addressing, primaryDevice } from "./net-config.ts";
import { anyFamily, familiesOnline, hostnameOf, kernelHostname, nodeAddress } from "./node-address.ts";
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
 * Which address of the primary interface will do: one of a family that its configuration requires, so that the
 * answer does not depend on which address came first; or any.
 */
export type AcceptedAddress = "required" | "any";

/** How an answer is found; each member has the value that a program started by hand wants. */
interface Asking {
  readonly network?: RunningNetwork;
  readonly accept?: AcceptedAddress;
  /** Settings to use in place of those in /etc/netdog.toml. */
  readonly dns?: DnsConfig;
}

/**
 * The node's IP address: what the kernel has on the primary interface now, else what was last seen there in
 * this boot.
 *
 * @throws  Failure if there is no primary interface, or it has no address that will do
 */
export async function nodeIp(
  root: string,
  { network = thisNetwork, accept = "any" }: Asking = {},
): Promise<string> {
  const name = await primaryInterface(root);
  const addressing = await primaryAddressing(root);
  const families = accept === "any" ? anyFamily : familiesOnline(addressing);
  const address = nodeAddress(await network.addresses(root, name), staticAddresses(addressing), families);
  if (address !== undefined) return address;
  const seen = (await readTextIfExists(join(root, currentIpFile)))?.trim() ?? "";
  const family = familyOf(seen);
  if (family !== undefined && families.includes(family)) return seen;
  throw networkFailure("network/no-address", { name });
}

async function primaryAddressing(root: string): Promise<Addressing | undefined> {
  const read = await readNetConfig(root);
  return read.kind === "read" ? primaryDevice(read.config)?.addressing : undefined;
}

function staticAddresses(addressing: Addressing | undefined): readonly string[] {
  return [...(addressing?.static4 ?? []), ...(addressing?.static6 ?? [])];
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
  asking: Asking = {},
): Promise<{ readonly hostname: string; readonly found: boolean; readonly address: string }> {
  const { network = thisNetwork } = asking;
  const address = await nodeIp(root, asking);
  // On a first boot the settings are not applied yet and nobody has told the C library its name servers.
  const resolver = (await readTextIfExists(join(root, "etc/resolv.conf"))) ?? "";
  if (!/^nameserver /m.test(resolver)) await writeResolvConf(root, asking);
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
  /** `false`: there are no DNS settings, so everything comes from DHCP. */
  readonly isConfigured: boolean;
  /** Names may be answered otherwise than before: by other servers, or because there is an address to ask from. */
  readonly isChanged: boolean;
}

/**
 * Writes /etc/resolv.conf whole, and notes the primary interface's present address for later readers. Without a
 * primary interface it has the DNS settings alone.
 *
 * @throws  Failure if /etc/netdog.toml is malformed, or a file cannot be written; /etc/resolv.conf is then as it was
 */
export async function writeResolvConf(
  root: string,
  { network = thisNetwork, dns }: Asking = {},
): Promise<WrittenResolvConf> {
  const name = await primaryIfAny(root);
  const configured = dns ?? (await dnsOfNetdogToml(root));
  const text = resolvConf(configured, name === undefined ? noDns : await leasedDns(root, name));
  const path = join(root, "etc/resolv.conf");
  const isOtherText = (await readTextIfExists(path)) !== text;
  if (isOtherText) await writeWhole(path, text, { mode: 0o644, durable: false });

  const address = name && (await presentAddress(root, name, network));
  const addressPath = join(root, currentIpFile);
  const isOtherAddress = address !== undefined && (await readTextIfExists(addressPath)) !== address;
  if (isOtherAddress) {
    await mkdir(dirname(addressPath), { recursive: true, mode: 0o700 });
    await writeWhole(addressPath, address, { durable: false });
  }
  const isConfigured = [configured.nameServers, configured.searchList].some(
    (list) => (list?.length ?? 0) > 0,
  );
  return { isConfigured, isChanged: isOtherText || isOtherAddress };
}

/** The primary interface, if one is configured and there. */
async function primaryIfAny(root: string): Promise<string | undefined> {
  try {
    return await primaryInterface(root);
  } catch (error) {
    const isAbsent =
      error instanceof Failure && ["network/no-primary", "network/primary-absent"].includes(error.code);
    if (isAbsent) return undefined;
    throw error;
  }
}

async function presentAddress(
  root: string,
  name: string,
  network: RunningNetwork,
): Promise<string | undefined> {
  return nodeAddress(await network.addresses(root, name), staticAddresses(await primaryAddressing(root)));
}

const noDns: DnsConfig = { nameServers: undefined, searchList: undefined };

async function dnsOfNetdogToml(root: string): Promise<DnsConfig> {
  const parsed = parseNetdogToml((await readTextIfExists(join(root, "etc/netdog.toml"))) ?? "");
  if (parsed.ok) return parsed.dns;
  const problems = parsed.problems.map((problem) => problemText(problem, "/etc/netdog.toml"));
  throw networkFailure("network/bad-dns-settings", { problems });
}

async function leasedDns(root: string, name: string): Promise<DnsConfig> {
  const index = await interfaceIndex(root, name);
  return index === undefined ? noDns : dnsOfNetworkd(await networkdState(root, index));
}
