/**
 * The network configuration of a host: what `net.toml` or the kernel command line asks for, checked.
 *
 * Terms: a *device* is a top-level table: an interface that exists, or a virtual device (bond, VLAN) to be
 * made. The *primary* interface gives the node its address, its hostname and its DNS servers.
 *
 * @source specification "platform" 6.5, 6.6
 */

export interface NetConfig {
  /** Where it was read, for messages and file headers. */
  readonly source: string;
  readonly fromCommandLine: boolean;
  /** In the order of the source. */
  readonly devices: readonly Device[];
}

export type Device = Interface | Bond | Vlan;

interface DeviceFacts {
  readonly primary: boolean;
  readonly addressing: Addressing;
}

interface Interface extends DeviceFacts {
  readonly kind: "interface";
  readonly match: InterfaceMatch;
}

export type InterfaceMatch =
  | { readonly by: "name"; readonly name: string }
  /** Lower case, with colons. */
  | { readonly by: "mac"; readonly macAddress: string };

export interface Bond extends DeviceFacts {
  readonly kind: "bond";
  readonly name: string;
  readonly mode: "active-backup";
  /** Names of interfaces; the first is preferred. */
  readonly members: readonly string[];
  readonly minLinks: number | undefined;
  readonly monitoring: BondMonitoring;
}

export type BondMonitoring =
  | {
      readonly by: "mii";
      readonly frequencyMs: number;
      readonly updelayMs: number;
      readonly downdelayMs: number;
    }
  | {
      readonly by: "arp";
      readonly intervalMs: number;
      readonly validate: string;
      readonly targets: readonly string[];
    };

export interface Vlan extends DeviceFacts {
  readonly kind: "vlan";
  readonly name: string;
  /** The device that carries it; may have no configuration of its own. */
  readonly parent: string;
  readonly id: number;
}

export interface Addressing {
  readonly dhcp4: Dhcp | undefined;
  readonly dhcp6: Dhcp | undefined;
  /** `ADDRESS/PREFIX`, in the order of the source: the first is the node's address. */
  readonly static4: readonly string[];
  readonly static6: readonly string[];
  readonly routes: readonly Route[];
}

export interface Dhcp {
  /** `false`: the protocol is switched off explicitly. */
  readonly enabled: boolean;
  /** The boot does not wait for its lease. */
  readonly optional: boolean;
  readonly routeMetric: number | undefined;
}

export interface Route {
  readonly destination: string;
  readonly gateway: string | undefined;
  readonly preferredSource: string | undefined;
  readonly metric: number | undefined;
}

/** The primary device: the one marked so, else the first. `undefined` only without devices. */
export function primaryDevice(config: NetConfig): Device | undefined {
  return config.devices.find(({ primary }) => primary) ?? config.devices[0];
}

/** Whether a protocol is to be run. */
export function isOn(dhcp: Dhcp | undefined): boolean {
  return dhcp?.enabled === true;
}

/** The families without which a device is not online, `undefined` if the boot need not wait for it at all. */
export function requiredFamily({
  dhcp4,
  dhcp6,
  static4,
  static6,
}: Addressing): "ipv4" | "ipv6" | "both" | undefined {
  const ipv4 = (isOn(dhcp4) && !dhcp4?.optional) || static4.length > 0;
  const ipv6 = (isOn(dhcp6) && !dhcp6?.optional) || static6.length > 0;
  if (ipv4 && ipv6) return "both";
  return ipv4 ? "ipv4" : ipv6 ? "ipv6" : undefined;
}

/** How a device is found on the host. */
export function matchOf(device: Device): InterfaceMatch {
  return device.kind === "interface" ? device.match : { by: "name", name: device.name };
}
