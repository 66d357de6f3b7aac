/**
 * A network configuration as the files of systemd-networkd.
 *
 * The mapping is that of specification "platform" 6.7 with the corrections listed there.
 */

import { isLinkLocal } from "./names.ts";
import {
  type Addressing,
  type Bond,
  type Device,
  isOn,
  matchOf,
  type NetConfig,
  primaryDevice,
  requiredFamily,
  type Vlan,
} from "./net-config.ts";

/** Sections in order, each with its `Key=value` lines; a section without lines is left out. */
type Sections = readonly (readonly [section: string, lines: readonly string[]])[];

/** The first words of each file made here, by which a later run knows its own. */
export const fileMark = "# Made by netdog";

/**
 * Makes the files for /etc/systemd/network.
 *
 * @returns file name → content, in the order of the configuration
 */
export function networkdFiles(config: NetConfig): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const add = (name: string, sections: Sections) => files.set(name, fileText(config, sections));
  const primary = primaryDevice(config);
  // With nothing at all to wait for, the online wait would find no interface online and run into its limit.
  const someRequired = config.devices.some(({ addressing }) => requiredFamily(addressing) !== undefined);

  for (const device of config.devices) {
    const stem = fileStem(device);
    if (device.kind === "bond") add(`${stem}.netdev`, bondNetdev(device));
    if (device.kind === "vlan") add(`${stem}.netdev`, vlanNetdev(device));
    add(`${stem}.network`, deviceNetwork(config, device, device === primary, someRequired));
    if (device.kind === "bond") {
      for (const member of device.members) add(`10-${member}.network`, memberNetwork(device, member));
    }
  }
  for (const parent of bareParents(config)) add(`10-${parent}.network`, parentNetwork(config, parent));
  return files;
}

function fileStem(device: Device): string {
  const match = matchOf(device);
  return `10-${match.by === "name" ? match.name : match.macAddress.replaceAll(":", "")}`;
}

function fileText(config: NetConfig, sections: Sections): string {
  const parts = sections
    .filter(([, lines]) => lines.length > 0)
    .map(([section, lines]) => `[${section}]\n${lines.map((line) => `${line}\n`).join("")}`);
  return `${fileMark} from ${config.source}; made again at every boot.\n\n${parts.join("\n")}`;
}

function deviceNetwork(config: NetConfig, device: Device, primary: boolean, someRequired: boolean): Sections {
  const { addressing } = device;
  const match = matchOf(device);
  return [
    ["Match", [match.by === "name" ? `Name=${match.name}` : `PermanentMACAddress=${match.macAddress}`]],
    ["Link", onlineRule(addressing, primary && !someRequired)],
    ["Network", networkLines(config, device, primary)],
    ["DHCPv4", dhcp4Lines(addressing)],
    ["DHCPv6", dhcp6Lines(addressing)],
    ["IPv6AcceptRA", isOn(addressing.dhcp6) ? ["UseMTU=true"] : []],
    ...addressing.routes.map((route): Sections[number] => [
      "Route",
      [
        `Destination=${route.destination}`,
        ...(route.gateway === undefined ? onLink(route.destination) : [`Gateway=${route.gateway}`]),
        ...(route.preferredSource === undefined ? [] : [`PreferredSource=${route.preferredSource}`]),
        ...(route.metric === undefined ? [] : [`Metric=${route.metric}`]),
      ],
    ]),
  ];
}

/** IPv6 routes have no scope; the daemon would warn of it. */
function onLink(destination: string): string[] {
  return destination.includes(":") ? [] : ["Scope=link"];
}

function onlineRule(addressing: Addressing, awaitCarrier: boolean): string[] {
  const family = requiredFamily(addressing);
  if (family === undefined) return [`RequiredForOnline=${awaitCarrier ? "carrier" : "no"}`];
  // Not just "yes": the link-local address that every interface gives itself would count as IPv6.
  // Only where no other address is asked for does a link-local one have to do.
  const addresses = [...addressing.static4, ...addressing.static6];
  const waitsForDhcp = [addressing.dhcp4, addressing.dhcp6].some((dhcp) => isOn(dhcp) && !dhcp?.optional);
  const state = !waitsForDhcp && addresses.every(isLinkLocal) ? "degraded" : "routable";
  return [`RequiredForOnline=${state}`, `RequiredFamilyForOnline=${family}`];
}

function networkLines(config: NetConfig, device: Device, primary: boolean): string[] {
  const { dhcp4, dhcp6, static4, static6 } = device.addressing;
  const [on4, on6] = [isOn(dhcp4), isOn(dhcp6)];
  return [
    `DHCP=${on4 && on6 ? "yes" : on4 ? "ipv4" : on6 ? "ipv6" : "no"}`,
    ...(on4 || on6 ? ["KeepConfiguration=dhcp"] : []),
    ...[...static4, ...static6].map((address) => `Address=${address}`),
    // Said explicitly, because a host forwards packets and then neither kernel nor daemon listen to routers.
    `IPv6AcceptRA=${primary || on6}`,
    ...(config.fromCommandLine ? ["IPv6DuplicateAddressDetection=0"] : []),
    // As the sysctl of `prepare-primary-interface`, but not lost when the interface appears later.
    ...(primary ? ["IPv4ReversePathFilter=loose"] : []),
    ...(device.kind === "interface" ? [] : ["ConfigureWithoutCarrier=true"]),
    ...(device.kind === "bond" ? [`BindCarrier=${device.members.join(" ")}`] : []),
    ...vlanLines(config, device),
  ];
}

function vlanLines(config: NetConfig, device: Device): string[] {
  const match = matchOf(device);
  return match.by === "name" ? childLines(config, match.name) : [];
}

function childLines(config: NetConfig, parent: string): string[] {
  return vlans(config).flatMap((vlan) => (vlan.parent === parent ? [`VLAN=${vlan.name}`] : []));
}

function dhcp4Lines({ dhcp4 }: Addressing): string[] {
  if (!isOn(dhcp4)) return [];
  return [
    ...(dhcp4?.routeMetric === undefined ? [] : [`RouteMetric=${dhcp4.routeMetric}`]),
    "UseMTU=true",
    "UseHostname=false", // the hostname is a setting
    // The default derives the identifier from the machine-id, which bare metal has anew at each boot:
    // the DHCP server would take every boot for another host.
    "ClientIdentifier=mac",
  ];
}

function dhcp6Lines({ dhcp6 }: Addressing): string[] {
  if (!isOn(dhcp6)) return [];
  return [
    "WithoutRA=solicit", // asked for even where no router advertises DHCPv6
    "UseDomains=true",
    "UseHostname=false",
    "DUIDType=link-layer", // see ClientIdentifier
  ];
}

function bondNetdev(bond: Bond): Sections {
  const { monitoring } = bond;
  const watch =
    monitoring.by === "mii"
      ? // With a unit: bare numbers are seconds to the daemon.
        [
          `MIIMonitorSec=${monitoring.frequencyMs}ms`,
          `UpDelaySec=${monitoring.updelayMs}ms`,
          `DownDelaySec=${monitoring.downdelayMs}ms`,
        ]
      : [
          `ARPIntervalSec=${monitoring.intervalMs}ms`,
          `ARPValidate=${monitoring.validate}`,
          ...monitoring.targets.map((target) => `ARPIPTargets=${target}`),
          "ARPAllTargets=any",
        ];
  return [
    ["NetDev", [`Name=${bond.name}`, "Kind=bond", "MACAddress=none"]],
    [
      "Bond",
      [`Mode=${bond.mode}`, ...(bond.minLinks === undefined ? [] : [`MinLinks=${bond.minLinks}`]), ...watch],
    ],
  ];
}

function memberNetwork(bond: Bond, member: string): Sections {
  return [
    ["Match", [`Name=${member}`]],
    ["Link", ["RequiredForOnline=no"]], // one member without a cable is what the bond is for
    [
      "Network",
      [
        `Bond=${bond.name}`,
        "LinkLocalAddressing=no",
        "IPv6AcceptRA=false",
        ...(member === bond.members[0] ? ["PrimarySlave=true"] : []),
      ],
    ],
  ];
}

function vlanNetdev(vlan: Vlan): Sections {
  return [
    ["NetDev", [`Name=${vlan.name}`, "Kind=vlan"]],
    ["VLAN", [`Id=${vlan.id}`]],
  ];
}

/** Parents of VLANs that have no configuration of their own. */
function bareParents(config: NetConfig): ReadonlySet<string> {
  const named = new Set(
    config.devices.flatMap((device) => {
      const match = matchOf(device);
      return match.by === "name" ? [match.name] : [];
    }),
  );
  return new Set(vlans(config).flatMap(({ parent }) => (named.has(parent) ? [] : [parent])));
}

function parentNetwork(config: NetConfig, parent: string): Sections {
  return [
    ["Match", [`Name=${parent}`]],
    ["Link", ["RequiredForOnline=no"]],
    ["Network", ["LinkLocalAddressing=no", "IPv6AcceptRA=false", ...childLines(config, parent)]],
  ];
}

function vlans(config: NetConfig): readonly Vlan[] {
  return config.devices.filter((device) => device.kind === "vlan");
}
