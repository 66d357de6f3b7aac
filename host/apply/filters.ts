/**
 * The filters of templates (specification "rendered-config" 3, which calls them helpers). A filter that is given
 * something else than it can use is an error; one that is given a setting that is missing decides for itself, where
 * the template has looked at it with `assign` or `if`: `{{ }}` inserts no missing setting.
 */

import type { Liquid } from "liquidjs";
import { decodedText } from "./decoded-text.ts";
import { loopbackAliases, ownLines } from "./hosts.ts";
import { joinMap, joinNodeTaints } from "./joined.ts";
import { isTable, kindOf } from "./kinds.ts";
import { reservedCpu, reservedMemory } from "./kube-reserved.ts";
import { isSet } from "./liquid-tags.ts";
import { metadataPrefix, registryHost, updateRepository } from "./regions.ts";
import { credentialsByRegistry, ecsAuthData, mirrorsByRegistry, mirrorUrls } from "./registries.ts";

/** Each takes the value before the bar, and exactly as many arguments as it has further parameters. */
const filters: { readonly [name: string]: (...values: unknown[]) => unknown } = {
  any_enabled: (members: unknown) => anyEnabled(members),
  base64_decode: (encoded: unknown) => decodedText(encoded),
  default: (value: unknown, fallback: unknown) => scalarOr(value, fallback),
  goarch: (architecture: unknown) => goArchitecture(text(architecture)),
  host: (url: unknown) => hostOf(text(url)),
  integer: (value: unknown) => integer(value),
  is_set: (value: unknown) => isSet(value),

  join_map: (table: unknown, keyValueJoiner: unknown, pairJoiner: unknown, ifMissing: unknown) =>
    joinMap(table, keyValueJoiner, pairJoiner, ifMissing),
  join_node_taints: (taints: unknown) => joinNodeTaints(taints),

  kube_reserve_cpu: (value: unknown, cpuCount: unknown) => reservedCpu(value, cpuCount),
  kube_reserve_memory: (value: unknown, podCount: unknown) => reservedMemory(value, podCount),

  ecr_prefix: (region: unknown) => registryHost(text(region), "host-containers"),
  pause_prefix: (region: unknown) => registryHost(text(region), "pause"),
  tuf_prefix: (region: unknown) => updateRepository(text(region)),
  metadata_prefix: (region: unknown) => metadataPrefix(text(region)),

  mirrors_by_registry: (mirrors: unknown) => mirrorsByRegistry(mirrors),
  mirror_urls: (mirrors: unknown, registry: unknown) => mirrorUrls(mirrors, text(registry)),
  credentials_by_registry: (credentials: unknown, dockerHub: unknown) =>
    credentialsByRegistry(credentials, text(dockerHub)),
  ecs_auth_data: (credentials: unknown) => ecsAuthData(credentials),

  own_lines: (network: unknown) => ownLines(member(network, "hosts")),
  loopback_aliases: (network: unknown, version: unknown, resolves: unknown) => {
    if (version !== "ipv4" && version !== "ipv6") throw new Error(`${version} is neither "ipv4" nor "ipv6"`);
    const hostname = member(network, "hostname");
    if (typeof hostname !== "string") throw new Error("settings.network.hostname is not set");
    return loopbackAliases(version, hostname, member(network, "hosts"), resolves === true);
  },
};

export function registerFilters(engine: Liquid): void {
  // It would switch the escaping off.
  delete engine.filters.raw;
  for (const [name, filter] of Object.entries(filters)) {
    engine.registerFilter(name, (...values: unknown[]) => {
      try {
        if (values.length !== filter.length)
          throw new Error(countMistake(filter.length - 1, values.length - 1));
        return filter(...values);
      } catch (cause) {
        throw new Error(`${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
      }
    });
  }
}

function countMistake(expected: number, received: number): string {
  return `needs ${expected} ${expected === 1 ? "argument" : "arguments"}, and is given ${received}`;
}

function text(value: unknown): string {
  if (typeof value === "string") return value;
  throw new Error(`needs a text, and found ${kindOf(value)}`);
}

/** Whether a member of a list or table is enabled; what has no such field, or another value in it, is not. */
function anyEnabled(members: unknown): boolean {
  if (!isSet(members)) throw new Error("needs a list or table, and found nothing");
  return Object.values(members as object).some((each) => member(each, "enabled") === true);
}

function scalarOr(value: unknown, fallback: unknown): unknown {
  for (const given of [fallback, value])
    if (typeof given === "object" && given !== null)
      throw new Error(`needs a scalar, and found ${kindOf(given)}`);
  if (!isSet(fallback)) throw new Error("needs a fallback, and found nothing");
  return isSet(value) ? value : fallback;
}

const goArchitectures: ReadonlyMap<string, string> = new Map([
  ["x86_64", "amd64"],
  ["amd64", "amd64"],
  ["aarch64", "arm64"],
  ["arm64", "arm64"],
]);

function goArchitecture(architecture: string): string {
  const found = goArchitectures.get(architecture);
  if (found !== undefined) return found;
  throw new Error(
    `knows ${[...goArchitectures.keys()].join(", ")}, and found ${JSON.stringify(architecture)}`,
  );
}

/** The host of an absolute URL, without port and user; IPv6 addresses keep their brackets. */
function hostOf(url: string): string {
  const host = URL.parse(url)?.hostname;
  if (host === undefined) throw new Error(`needs an absolute URL, and found ${JSON.stringify(url)}`);
  if (host === "") throw new Error(`the URL ${JSON.stringify(url)} has no host`);
  return host;
}

/** A number that is stored as a text, as some settings are. */
function integer(value: unknown): number {
  const number = typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value;
  if (Number.isSafeInteger(number)) return number as number;
  throw new Error(`needs a whole number, and found ${JSON.stringify(value)}`);
}

function member(value: unknown, name: string): unknown {
  return isTable(value) && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}
