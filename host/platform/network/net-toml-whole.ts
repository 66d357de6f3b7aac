/**
 * The rules of `net.toml` that concern several devices together.
 *
 * @source specification "platform" 6.5 (primary), 6.6 (member exclusivity)
 */

import { type Bond, type Device, matchOf } from "./net-config.ts";
import type { Field, Report } from "./toml-table.ts";

/** A device and the field it was read from. */
export interface Located {
  readonly device: Device;
  readonly field: Field;
}

/** Reports every rule that the devices break together. */
export function checkDevices(devices: readonly Located[], report: Report): void {
  checkPrimary(devices, report);
  checkNamedOnce(devices, report);
  checkMembers(devices, report);
  checkParents(devices, report);
}

function checkPrimary(devices: readonly Located[], report: Report): void {
  const [first, ...others] = devices.filter(({ device }) => device.primary);
  for (const { field } of others) {
    report(field, `is primary, but ${first?.field.key} is primary already`, "one primary device");
  }
}

/** TOML has each key once, but one hardware address can be written in several ways. */
function checkNamedOnce(devices: readonly Located[], report: Report): void {
  const seen = new Map<string, string>();
  for (const { device, field } of devices) {
    const match = matchOf(device);
    const identity = match.by === "name" ? match.name : match.macAddress;
    const earlier = seen.get(identity);
    if (earlier !== undefined) report(field, `is the same interface as ${earlier}`, "each interface once");
    seen.set(identity, field.key);
  }
}

/** A bond owns its members: they have no configuration, no VLANs and no other bond. */
function checkMembers(devices: readonly Located[], report: Report): void {
  const accepted = "interfaces that nothing else in the document uses";
  const byName = deviceByName(devices);
  const vlanOn = new Map(
    devices.flatMap(({ device }) => (device.kind === "vlan" ? [[device.parent, device.name]] : [])),
  );
  const bondOf = new Map<string, string>();
  for (const { device, field } of devices) {
    if (device.kind !== "bond") continue;
    for (const member of (device as Bond).members) {
      const complain = (use: string) => report(field, `its member ${member} ${use}`, accepted);
      if (byName.has(member)) complain("has a table of its own");
      const vlan = vlanOn.get(member);
      if (vlan !== undefined) complain(`carries the VLAN ${vlan}`);
      const bond = bondOf.get(member);
      if (bond !== undefined) complain(bond === device.name ? "is listed twice" : `belongs to ${bond}, too`);
      bondOf.set(member, device.name);
    }
  }
}

/** A VLAN stands on something else, in the end on a device that is no VLAN. */
function checkParents(devices: readonly Located[], report: Report): void {
  const byName = deviceByName(devices);
  for (const { device, field } of devices) {
    if (device.kind !== "vlan") continue;
    const passed = new Set<string>();
    let below: Device | undefined = device;
    while (below?.kind === "vlan" && !passed.has(below.name)) {
      passed.add(below.name);
      below = byName.get(below.parent);
    }
    if (below?.kind === "vlan")
      report(field, "stands on itself", "a device that is not a VLAN upon this one");
  }
}

function deviceByName(devices: readonly Located[]): ReadonlyMap<string, Device> {
  return new Map(
    devices.flatMap(({ device }) => {
      const match = matchOf(device);
      return match.by === "name" ? [[match.name, device] as const] : [];
    }),
  );
}
