/**
 * The virtual devices of `net.toml` version 3: bonds and VLANs.
 *
 * @source specification "platform" 6.6
 */

import { familyOf, interfaceNameRule, isInterfaceName } from "./names.ts";
import type { Bond, BondMonitoring, Vlan } from "./net-config.ts";
import {
  type Field,
  openTable,
  type Report,
  readInteger,
  readText,
  readTexts,
  type Table,
} from "./toml-table.ts";

const maxU32 = 2 ** 32 - 1;
/** The kernel watches no more ARP targets than this (BOND_MAX_ARP_TARGETS). */
const maxArpTargets = 16;
/** 4095 is reserved by 802.1Q. */
const maxVlanId = 4094;

type Facts = Pick<Vlan, "name" | "primary" | "addressing">;

const commonKeys = "kind, primary, dhcp4, dhcp6, static4, static6, route";

export function readBond(facts: Facts, table: Table, report: Report): Bond | undefined {
  const mode = readText(table.need("mode", '"active-backup"'), bondMode, '"active-backup"', report);
  const membersField = table.need("interfaces", "a list of interface names");
  const members = readTexts(membersField, deviceName, interfaceNameRule, report);
  if (membersField?.node.kind === "list" && membersField.node.items.length === 0) {
    report(membersField, "is empty", "at least one interface name");
  }
  const minLinks = readInteger(table.take("min-links"), 0, members?.length ?? maxU32, report);
  const monitoring = readMonitoring(table.need("monitoring", monitoringKeys), report);
  table.end(`${commonKeys}, mode, interfaces, min-links, monitoring`);
  if (mode === undefined || members === undefined || monitoring === undefined) return undefined;
  return { kind: "bond", ...facts, mode, members, minLinks, monitoring };
}

function bondMode(text: string): "active-backup" | undefined {
  return text === "active-backup" ? text : undefined;
}

function deviceName(text: string): string | undefined {
  return isInterfaceName(text) ? text : undefined;
}

const miiKeys = ["miimon-frequency-ms", "miimon-updelay-ms", "miimon-downdelay-ms"] as const;
const arpKeys = ["arpmon-interval-ms", "arpmon-validate", "arpmon-targets"] as const;
const monitoringKeys = `either ${miiKeys.join(", ")}, or ${arpKeys.join(", ")}`;

function readMonitoring(field: Field | undefined, report: Report): BondMonitoring | undefined {
  const table = field === undefined ? undefined : openTable(field, report);
  if (table === undefined) return undefined;
  const [mii, arp] = [miiKeys.some(table.has), arpKeys.some(table.has)];
  if (mii === arp) {
    report(table, mii ? "mixes both kinds of monitoring" : "has no kind of monitoring", monitoringKeys);
    for (const key of [...miiKeys, ...arpKeys]) table.take(key);
  }
  const monitoring = mii === arp ? undefined : mii ? readMii(table, report) : readArp(table, report);
  table.end(monitoringKeys);
  return monitoring;
}

function readMii(table: Table, report: Report): BondMonitoring | undefined {
  const [frequencyKey, updelayKey, downdelayKey] = miiKeys;
  const ms = (key: string, min: number) =>
    readInteger(table.need(key, "a number of milliseconds"), min, maxU32, report);
  const frequencyMs = ms(frequencyKey, 1);
  // A delay shorter than the time between two looks at the link cannot be kept.
  const updelayMs = ms(updelayKey, frequencyMs ?? 1);
  const downdelayMs = ms(downdelayKey, frequencyMs ?? 1);
  if (frequencyMs === undefined || updelayMs === undefined || downdelayMs === undefined) return undefined;
  return { by: "mii", frequencyMs, updelayMs, downdelayMs };
}

function readArp(table: Table, report: Report): BondMonitoring | undefined {
  const [intervalKey, validateKey, targetsKey] = arpKeys;
  const validates = '"active", "all", "backup" or "none"';
  const intervalMs = readInteger(table.need(intervalKey, "a number of milliseconds"), 1, maxU32, report);
  const validate = readText(table.need(validateKey, validates), arpValidate, validates, report);
  const targetsField = table.need(targetsKey, `1 to ${maxArpTargets} IPv4 addresses`);
  const targets = readTexts(
    targetsField,
    (text) => (familyOf(text) === "ipv4" ? text : undefined),
    "an IPv4 address without prefix length (IPv6 has no ARP)",
    report,
  );
  if (targetsField?.node.kind === "list") {
    const count = targetsField.node.items.length;
    if (count < 1 || count > maxArpTargets) {
      report(targetsField, `has ${count} entries`, `1 to ${maxArpTargets} IPv4 addresses`);
    }
  }
  if (intervalMs === undefined || validate === undefined || targets === undefined) return undefined;
  return { by: "arp", intervalMs, validate, targets };
}

function arpValidate(text: string): string | undefined {
  return ["active", "all", "backup", "none"].includes(text) ? text : undefined;
}

export function readVlan(facts: Facts, table: Table, report: Report): Vlan | undefined {
  const parent = readText(table.need("device", interfaceNameRule), deviceName, interfaceNameRule, report);
  const id = readInteger(table.need("id", `an integer from 0 to ${maxVlanId}`), 0, maxVlanId, report);
  table.end(`${commonKeys}, device, id`);
  if (parent === undefined || id === undefined) return undefined;
  return { kind: "vlan", ...facts, parent, id };
}
