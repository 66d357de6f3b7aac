/**
 * How a device of `net.toml` gets its addresses and routes.
 *
 * @source specification "platform" 6.5, 6.6
 */

import { describeNode } from "../../settings/index.ts";
import { type Family, familyOf, prefixFamilyOf } from "./names.ts";
import type { Addressing, Dhcp, Route } from "./net-config.ts";
import {
  type Field,
  openTable,
  type Report,
  readBoolean,
  readInteger,
  readList,
  readText,
  readTexts,
  type Table,
} from "./toml-table.ts";

const maxU32 = 2 ** 32 - 1;

/** Takes the addressing keys of a device's table; those of later versions stay in it, for it to refuse. */
export function readAddressing(device: Table, version: 1 | 2 | 3, report: Report): Addressing {
  const [hasDhcp, hasStatic] = [
    device.has("dhcp4") || device.has("dhcp6"),
    version > 1 && (device.has("static4") || device.has("static6")),
  ];
  if (!hasDhcp && !hasStatic) {
    const keys = version === 1 ? "dhcp4 or dhcp6" : "dhcp4, dhcp6, static4 or static6";
    report(device, "has no way to get an address", `at least one of ${keys}`);
  }
  const dhcp = {
    dhcp4: readDhcp(device.take("dhcp4"), "dhcp4", report),
    dhcp6: readDhcp(device.take("dhcp6"), "dhcp6", report),
  };
  if (version === 1) return { ...dhcp, static4: [], static6: [], routes: [] };

  const routeField = device.take("route");
  if (routeField !== undefined && hasDhcp) {
    report(
      routeField,
      "stands together with DHCP",
      "routes on devices without dhcp4 and dhcp6, even switched off",
    );
  }
  if (routeField !== undefined && !hasStatic) {
    report(routeField, "stands without static addresses", "routes on devices with static4 or static6");
  }
  return {
    ...dhcp,
    static4: readStatic(device.take("static4"), "ipv4", report),
    static6: readStatic(device.take("static6"), "ipv6", report),
    routes: (readList(routeField, report) ?? []).flatMap((field) => readRoute(field, report) ?? []),
  };
}

function readDhcp(field: Field | undefined, protocol: "dhcp4" | "dhcp6", report: Report): Dhcp | undefined {
  if (field === undefined) return undefined;
  if (field.node.kind === "boolean") {
    return { enabled: field.node.value, optional: false, routeMetric: undefined };
  }
  if (field.node.kind !== "table") {
    report(field, `found ${describeNode(field.node)}`, "true, false or a table");
    return undefined;
  }
  const table = openTable(field, report);
  if (table === undefined) return undefined;
  const enabled = readBoolean(table.need("enabled", "true or false"), report) ?? false;
  const optional = readBoolean(table.take("optional"), report) ?? false;
  const routeMetric =
    protocol === "dhcp4" ? readInteger(table.take("route-metric"), 0, maxU32, report) : undefined;
  table.end(protocol === "dhcp4" ? "enabled, optional, route-metric" : "enabled, optional");
  return { enabled, optional, routeMetric };
}

const familyNames = { ipv4: "IPv4", ipv6: "IPv6" } as const;
const examples = { ipv4: "10.0.0.9/24", ipv6: "2001:db8::9/64" } as const;

/** The addresses in the order of the document, which tells the node's address; repeated ones once. */
function readStatic(field: Field | undefined, family: Family, report: Report): readonly string[] {
  const table = field === undefined ? undefined : openTable(field, report);
  if (table === undefined) return [];
  const accepted = `${familyNames[family]} addresses with prefix length, like "${examples[family]}"`;
  const addressesField = table.need("addresses", `a list of ${accepted}`);
  const addresses = readTexts(
    addressesField,
    (text) => (prefixFamilyOf(text) === family ? text : undefined),
    accepted,
    report,
  );
  // Accepted by the reference, and then the device would silently stay without any address.
  if (addressesField?.node.kind === "list" && addressesField.node.items.length === 0) {
    report(addressesField, "is empty", `at least one address; leave out ${table.key} for none`);
  }
  table.end("addresses");
  return [...new Set(addresses)];
}

function readRoute(field: Field, report: Report): Route | undefined {
  const table = openTable(field, report);
  if (table === undefined) return undefined;
  const address = (text: string) => (familyOf(text) === undefined ? undefined : text);
  const accepted = "an IP address without prefix length";
  const toField = table.need("to", '"default" or an IP address with prefix length');
  const to = readText(toField, destination, '"default" or an IP address with prefix length', report);
  const [viaField, fromField] = [table.take("via"), table.take("from")];
  const gateway = readText(viaField, address, accepted, report);
  const preferredSource = readText(fromField, address, accepted, report);
  const metric = readInteger(table.take("route-metric"), 0, maxU32, report);
  table.end("to, from, via, route-metric");
  if (to === undefined) return undefined;

  const family =
    to.family ?? (gateway && familyOf(gateway)) ?? (preferredSource && familyOf(preferredSource)) ?? "ipv4";
  for (const [end, text] of [
    [viaField, gateway],
    [fromField, preferredSource],
  ] as const) {
    if (end === undefined || text === undefined || familyOf(text) === family) continue;
    report(end, `is of another family than the route`, `an ${familyNames[family as Family]} address`);
  }
  const anywhere = family === "ipv4" ? "0.0.0.0/0" : "::/0";
  return { destination: to.text ?? anywhere, gateway, preferredSource, metric };
}

/** A route's destination; text and family of `default` follow from its other fields. */
function destination(text: string): { text: string | undefined; family: Family | undefined } | undefined {
  if (text.toLowerCase() === "default") return { text: undefined, family: undefined };
  const family = prefixFamilyOf(text);
  return family === undefined ? undefined : { text, family };
}
