/**
 * The primary interface as one run of netdog leaves it for the others.
 *
 * `root` is the directory under which /etc, /proc, /sys and /var are found: "/" on a host.
 *
 * @source specification "platform" 6.1, 6.6 (primary in version 3), 6.11
 */

import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { readTextIfExists, writeWhole } from "../../linux/files.ts";
import { writeSysctl } from "../../linux/kernel.ts";
import { interfaceWithMac } from "../../linux/network.ts";
import { networkFailure } from "./failures.ts";
import { isInterfaceName, parseMacAddress } from "./names.ts";
import type { InterfaceMatch } from "./net-config.ts";

const stateDirectory = "var/lib/netdog";
const nameFile = `${stateDirectory}/primary_interface`;
const macFile = `${stateDirectory}/primary_mac_address`;

/**
 * Records the primary interface, by name or by hardware address, or that there is none. Nothing of an earlier
 * boot stays: a stale name would make the other commands work on an interface nobody configured.
 */
export async function recordPrimaryInterface(
  root: string,
  primary: InterfaceMatch | undefined,
): Promise<void> {
  await mkdir(join(root, stateDirectory), { recursive: true, mode: 0o700 });
  await rm(join(root, nameFile), { force: true });
  await rm(join(root, macFile), { force: true });
  if (primary?.by === "name") await writeWhole(join(root, nameFile), primary.name, { durable: false });
  if (primary?.by === "mac") await writeWhole(join(root, macFile), primary.macAddress, { durable: false });
}

/**
 * The name of the primary interface. Case is kept: `Lan0` and `lan0` are two interfaces.
 *
 * @throws  Failure if none was recorded, or if no interface has the recorded hardware address
 */
export async function primaryInterface(root: string): Promise<string> {
  const name = (await readTextIfExists(join(root, nameFile)))?.trim();
  if (name !== undefined) {
    if (isInterfaceName(name)) return name;
    throw damaged(nameFile, name, "an interface name");
  }
  const macText = (await readTextIfExists(join(root, macFile)))?.trim();
  if (macText === undefined) {
    throw networkFailure("network/no-primary", { nameFile: `/${nameFile}`, macFile: `/${macFile}` });
  }
  const macAddress = parseMacAddress(macText);
  if (macAddress === undefined) throw damaged(macFile, macText, "a hardware address");
  const found = await interfaceWithMac(root, macAddress);
  if (found === undefined) throw networkFailure("network/primary-absent", { macAddress });
  return found;
}

function damaged(file: string, found: string, accepted: string): Error {
  return networkFailure("network/damaged-primary", { file: `/${file}`, found, accepted });
}

/**
 * Kernel settings of the primary interface. Router advertisements are the network daemon's: the kernel must
 * not act on them a second time. Reverse path filtering is loose, because answers to containers may leave
 * through another interface.
 */
function primarySysctls(name: string): readonly (readonly [path: readonly string[], value: string])[] {
  const ra = ["accept_ra", "accept_ra_defrtr", "accept_ra_pinfo", "accept_ra_rtr_pref", "accept_ra_mtu"];
  return [
    [["net", "ipv4", "conf", name, "rp_filter"], "2"],
    ...ra.map((key) => [["net", "ipv6", "conf", name, key], "0"] as const),
  ];
}

/**
 * Writes the sysctls of the primary interface and sets them now where the interface exists already. Where it
 * does not, udev sets them from the file when it appears.
 *
 * @returns the sysctls that could not be set now
 * @throws  Failure as `primaryInterface`, or if the file cannot be written
 */
export async function preparePrimaryInterface(root: string): Promise<readonly string[]> {
  const sysctls = primarySysctls(await primaryInterface(root));
  // The leading "-": a kernel without IPv6, or an interface that is not there yet, is no failure.
  const text = sysctls.map(([path, value]) => `-${path.join(".")} = ${value}\n`).join("");
  await mkdir(join(root, "etc/sysctl.d"), { recursive: true, mode: 0o700 });
  await writeWhole(join(root, "etc/sysctl.d/90-primary_interface.conf"), text, { durable: false });

  const unset: string[] = [];
  for (const [path, value] of sysctls) {
    await writeSysctl(root, path, value).catch((error: Error) =>
      unset.push(`${path.join(".")}: ${error.message}`),
    );
  }
  return unset;
}
