/** Types for names and addresses of hosts (specification "settings" 6.3). */
import { firstCharacterNot, list, refused, text } from "./basic-types.ts";
import type { Refusal, ValueType } from "./declaration.ts";
import { canonicalIp } from "./ip-address.ts";
import { placed, type SourceNode } from "./source.ts";

/** A host name: lower case, 1 to 253 characters, parts of 1 to 63 characters. */
export const hostname = text(
  "of 1 to 253 characters 0-9 a-z . -, each part between dots 1 to 63 long and not starting with -",
  hostnameProblem,
);

/** Whether a text can be the name of a host. */
export function isHostname(text: string): boolean {
  return hostnameProblem(text) === undefined;
}

function hostnameProblem(value: string): string | undefined {
  if (value === "") return "it is empty";
  if (value.length > 253) return `it is ${value.length} characters long`;
  const wrong = firstCharacterNot(/^[0-9a-z.-]$/, value);
  if (wrong !== undefined) return `the character ${wrong} is not allowed`;
  for (const part of value.split(".")) {
    if (part === "") return "a part between dots is empty";
    if (part.length > 63) return `the part ${JSON.stringify(part)} is ${part.length} characters long`;
    if (part.startsWith("-")) return `the part ${JSON.stringify(part)} starts with -`;
  }
  return undefined;
}

/** One IPv4 or IPv6 address, without zone, brackets or prefix length; stored in canonical text. */
export const ipAddress = text(
  "that is one IPv4 or IPv6 address",
  (value) => (canonicalIp(value) === undefined ? "it is not an IP address" : undefined),
  (value) => canonicalIp(value) ?? value,
);

/**
 * A server as DNS names it, or its address. Stricter than the reference, which takes URLs here, and wider than
 * `hostname`: DNS does not mind capitals, underscores or a dot at the end.
 */
export const serverName = text(
  "that is a host name or an IP address, without scheme and port",
  serverNameProblem,
  (value) => canonicalIp(value) ?? value,
);

function serverNameProblem(value: string): string | undefined {
  if (canonicalIp(value) !== undefined) return undefined;
  const wrong = firstCharacterNot(/^[0-9A-Za-z._-]$/, value);
  if (wrong !== undefined) return `the character ${wrong} is not allowed`;
  const name = value.toLowerCase().replaceAll("_", "x").replace(/\.$/, "");
  // A name with a number at its end is taken for an IPv4 address, and it is none.
  return hostnameProblem(name) ?? (/(^|\.)\d+$/.test(name) ? "it is not an IP address" : undefined);
}

/** One line of the hosts file: an address and its names. */
export type HostsEntry = readonly [address: string, names: readonly string[]];

const hostnames = list(hostname);
const entryAccepted = "a pair of an IP address and a list of host names";

const hostsEntry: ValueType<HostsEntry> = {
  accepted: entryAccepted,
  writtenAs: "json",
  read(node, refuse) {
    if (node.kind !== "list") return refused(node, entryAccepted, refuse);
    const [address, names, ...more] = node.items;
    if (address === undefined || names === undefined || more.length > 0) {
      refuse({ problem: `found a list of ${node.items.length}`, accepted: entryAccepted, ...placed(node) });
      return undefined;
    }
    return readPair(address, names, refuse);
  },
};

function readPair(
  address: SourceNode,
  names: SourceNode,
  refuse: (refusal: Refusal) => void,
): HostsEntry | undefined {
  const ip = ipAddress.read(address, refuse);
  const hosts = hostnames.read(names, (refusal) =>
    refuse({ ...refusal, problem: `names: ${refusal.problem}` }),
  );
  return ip === undefined || hosts === undefined ? undefined : [ip, hosts];
}

/** Addresses with their host names; entries with the same address are kept apart. */
export const hostsEntries = list(hostsEntry);
