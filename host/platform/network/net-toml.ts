/**
 * Reads `net.toml`: every mistake is found at once, and told with its line and column.
 *
 * @source specification "platform" 6.5, 6.6
 */

import type { Parsed, Problem } from "../../settings/index.ts";
import { parseTomlSource } from "../../settings/toml-source.ts";
import { interfaceNameRule, isInterfaceName, parseMacAddress } from "./names.ts";
import type { Device, NetConfig } from "./net-config.ts";
import { readAddressing } from "./net-toml-addressing.ts";
import { readBond, readVlan } from "./net-toml-virtual.ts";
import { checkDevices, type Located } from "./net-toml-whole.ts";
import {
  type Field,
  openTable,
  type Report,
  readBoolean,
  readInteger,
  readText,
  reporter,
  type Table,
} from "./toml-table.ts";

type NetTomlVersion = 1 | 2 | 3;

export type ParsedNetToml =
  | { readonly ok: true; readonly config: NetConfig }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Reads a network configuration document.
 *
 * @param source  the document's file name, kept in the result for messages
 * @throws  never
 */
export function parseNetToml(text: string, source: string): ParsedNetToml {
  const document: Parsed = parseTomlSource(text);
  if (!document.ok) return document;
  const problems: Problem[] = [];
  const report = reporter(problems);
  const devices = readDocument({ key: "", at: document.node.at, node: document.node }, report);
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    config: { source, fromCommandLine: false, devices: devices.map(({ device }) => device) },
  };
}

function readDocument(field: Field, report: Report): readonly Located[] {
  const document = openTable(field, report);
  if (document === undefined) return [];
  // Without its version nothing else in the document has a meaning that could be checked.
  const version = readVersion(document, report);
  if (version === undefined) return [];
  const devices = document.rest().flatMap((entry) => {
    const device = readDevice(entry.name, entry, version, report);
    return device === undefined ? [] : [{ device, field: entry }];
  });
  checkDevices(devices, report);
  return devices;
}

function readVersion(document: Table, report: Report): NetTomlVersion | undefined {
  const field = document.need("version", "1, 2 or 3");
  const version = readInteger(field, 0, 255, report);
  if (field === undefined || version === undefined) return undefined;
  if (version === 1 || version === 2 || version === 3) return version;
  report(field, `found version ${version}`, "1, 2 or 3");
  return undefined;
}

function readDevice(name: string, field: Field, version: NetTomlVersion, report: Report): Device | undefined {
  const table = openTable(field, report);
  if (table === undefined) return undefined;
  const kindField = version === 3 ? table.take("kind") : undefined;
  if (kindField !== undefined) return readVirtual(name, kindField, table, report);

  const macAddress = version === 3 ? parseMacAddress(name) : undefined;
  if (macAddress === undefined && !isInterfaceName(name)) {
    const alsoMac = version === 3 ? ", or a hardware address" : "";
    report(field, `the name is ${JSON.stringify(name)}`, `${interfaceNameRule}${alsoMac}`);
  }
  const primary = readBoolean(table.take("primary"), report) ?? false;
  const addressing = readAddressing(table, version, report);
  table.end(deviceKeys(version));
  const match =
    macAddress === undefined ? ({ by: "name", name } as const) : ({ by: "mac", macAddress } as const);
  return { kind: "interface", match, primary, addressing };
}

function deviceKeys(version: NetTomlVersion): string {
  if (version === 1) return "primary, dhcp4, dhcp6 in version 1 (static4, static6 and route need version 2)";
  const keys = "primary, dhcp4, dhcp6, static4, static6, route";
  return version === 2 ? `${keys} in version 2 (kind needs version 3)` : `${keys}, kind`;
}

function readVirtual(name: string, kindField: Field, table: Table, report: Report): Device | undefined {
  const accepted = '"bond" or "vlan"';
  const kind = readText(kindField, (text) => virtualKind(text.toLowerCase()), accepted, report);
  if (kind === undefined) return undefined;
  if (!isInterfaceName(name)) {
    report(table, `the name of a ${kind} is ${JSON.stringify(name)}`, interfaceNameRule);
  }
  const primary = readBoolean(table.take("primary"), report) ?? false;
  const addressing = readAddressing(table, 3, report);
  const facts = { name, primary, addressing };
  return kind === "bond" ? readBond(facts, table, report) : readVlan(facts, table, report);
}

function virtualKind(text: string): "bond" | "vlan" | undefined {
  return text === "bond" || text === "vlan" ? text : undefined;
}
