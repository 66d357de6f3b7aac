/**
 * What stands in /etc/resolv.conf: configured values, else those of the primary interface's DHCP lease.
 *
 * @source specification "platform" 6.9; "rendered-config" 6.5
 */

import type { Problem } from "../../settings/index.ts";
import { parseTomlSource } from "../../settings/toml-source.ts";
import { familyOf } from "./names.ts";
import { openTable, readTexts, reporter } from "./toml-table.ts";

export interface DnsConfig {
  /** `undefined` or empty: not configured. */
  readonly nameServers: readonly string[] | undefined;
  readonly searchList: readonly string[] | undefined;
}

/**
 * Reads /etc/netdog.toml, which is rendered from `settings.dns`. An empty text configures nothing.
 *
 * @throws  never
 */
export function parseNetdogToml(
  text: string,
):
  | { readonly ok: true; readonly dns: DnsConfig }
  | { readonly ok: false; readonly problems: readonly Problem[] } {
  const document = parseTomlSource(text);
  if (!document.ok) return document;
  const problems: Problem[] = [];
  const report = reporter(problems);
  const table = openTable({ key: "", at: document.node.at, node: document.node }, report);
  const address = (server: string) => (familyOf(server) === undefined ? undefined : server);
  const dns = {
    nameServers: readTexts(table?.take("name-servers"), address, "an IP address", report),
    searchList: readTexts(table?.take("search-list"), searchDomain, "a domain name", report),
  };
  return problems.length === 0 ? { ok: true, dns } : { ok: false, problems };
}

/**
 * The DNS settings as the API answers them.
 *
 * @param dns  the member `dns` of the settings, `undefined` if there is none
 */
export function dnsOfSettings(dns: unknown): DnsConfig {
  const texts = (name: string): readonly string[] => {
    const list: unknown = typeof dns === "object" && dns !== null ? Reflect.get(dns, name) : undefined;
    return Array.isArray(list) ? list.filter((item) => typeof item === "string") : [];
  };
  return {
    nameServers: texts("name-servers").filter((server) => familyOf(server) !== undefined),
    searchList: texts("search-list").flatMap((domain) => searchDomain(domain) ?? []),
  };
}

/**
 * Name servers and search domains that DHCP gave to an interface. An IPv4 lease wins over what the link got
 * otherwise (DHCPv6, router advertisements). The lease's own domain name is not searched.
 *
 * @param state  the network daemon's `KEY=value` texts of the link and its DHCPv4 lease
 * @throws  never: what a DHCP server may have made up is dropped, it must not become a line of its own
 */
export function dnsOfNetworkd(state: { link: string | undefined; lease: string | undefined }): DnsConfig {
  const lease = values(state.lease);
  const link = values(state.link);
  const servers = (text: string | undefined) => words(text).filter(isNameServer);
  const domains = (text: string | undefined) => words(text).flatMap((word) => searchDomain(word) ?? []);
  if (state.lease !== undefined) {
    return { nameServers: servers(lease.get("DNS")), searchList: domains(lease.get("DOMAIN_SEARCH_LIST")) };
  }
  return { nameServers: servers(link.get("DNS")), searchList: domains(link.get("DOMAINS")) };
}

/**
 * The text of resolv.conf. Servers keep their order, because the C library asks only the first three, and in
 * this order; repeated ones stand once.
 */
export function resolvConf(configured: DnsConfig, leased: DnsConfig): string {
  const pick = (a: readonly string[] | undefined, b: readonly string[] | undefined) =>
    a === undefined || a.length === 0 ? (b ?? []) : a;
  const search = pick(configured.searchList, leased.searchList);
  const servers = new Set(pick(configured.nameServers, leased.nameServers));
  return [
    ...(search.length > 0 ? [`search ${search.join(" ")}\n`] : []),
    ...[...servers].map((server) => `nameserver ${server}\n`),
  ].join("");
}

function values(text: string | undefined): ReadonlyMap<string, string> {
  const lines = (text ?? "").split("\n").flatMap((line) => {
    const match = /^([A-Z0-9_]+)=(.*)$/.exec(line);
    return match === null ? [] : [[match[1] ?? "", match[2] ?? ""] as const];
  });
  return new Map(lines);
}

function words(text: string | undefined): readonly string[] {
  return (text ?? "").split(/\s+/).filter((word) => word !== "");
}

/** An IP address; a link-local IPv6 one with its zone. */
function isNameServer(text: string): boolean {
  return familyOf(text) !== undefined || familyOf(text.replace(/%[0-9A-Za-z_-]{1,15}$/, "")) === "ipv6";
}

function searchDomain(text: string): string | undefined {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}$/.test(text) ? text : undefined;
}
