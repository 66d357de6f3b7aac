/** Types for names and addresses of hosts (specification "settings" 6.3). */
import { list, refused, within } from "./basic-types.ts";
import type { Refusal, ValueType } from "./declaration.ts";
import { canonicalIp } from "./ip-address.ts";
import { placed, type SourceNode } from "./source.ts";
import { problemOf, type TextRule, text } from "./text-rule.ts";

const hostnameRule: TextRule = {
  accepted: "of 1 to 253 characters 0-9 a-z . -, each part between dots 1 to 63 long and not starting with -",
  length: { min: 1, max: 253 },
  characters: "0-9a-z.-",
  shapes: [
    { pattern: "^(?!-)[0-9a-z-]{1,63}(\\.(?!-)[0-9a-z-]{1,63})*$", otherwise: (value) => wrongPart(value) },
  ],
};
const hostnameProblem = problemOf(hostnameRule);

/** A host name: lower case, 1 to 253 characters, parts of 1 to 63 characters. */
export const hostname = text(hostnameRule);

/** Whether a text can be the name of a host. */
export function isHostname(text: string): boolean {
  return hostnameProblem(text) === undefined;
}

function wrongPart(value: string): string {
  const part = value.split(".").find((part) => part === "" || part.length > 63 || part.startsWith("-")) ?? "";
  if (part === "") return "a part between dots is empty";
  return part.length > 63
    ? `the part ${JSON.stringify(part)} is ${part.length} characters long`
    : `the part ${JSON.stringify(part)} starts with -`;
}

/** One IPv4 or IPv6 address, without zone, brackets or prefix length; stored in canonical text. */
export const ipAddress = text({
  accepted: "that is one IPv4 or IPv6 address",
  problem: (value) => (canonicalIp(value) === undefined ? "it is not an IP address" : undefined),
  stored: (value) => canonicalIp(value) ?? value,
});

/**
 * A server as DNS names it, or its address. Stricter than the reference, which takes URLs here, and wider than
 * `hostname`: DNS does not mind capitals, underscores or a dot at the end.
 */
export const serverName = text({
  accepted: "that is a host name or an IP address, without scheme and port",
  length: { min: 1 },
  characters: "0-9A-Za-z._:-",
  problem: serverNameProblem,
  stored: (value) => canonicalIp(value) ?? value,
});

function serverNameProblem(value: string): string | undefined {
  if (canonicalIp(value) !== undefined) return undefined;
  const name = value.toLowerCase().replaceAll("_", "x").replace(/\.$/, "");
  // A name with a number at its end is taken for an IPv4 address, and it is none.
  return hostnameProblem(name) ?? (/(^|\.)\d+$/.test(name) ? "it is not an IP address" : undefined);
}

/**
 * The domain of a cluster: what a browser takes for the host of a URL, if it is no address. Stored as given.
 */
export const dnsDomain = text({
  accepted: "that is a domain, not starting with a dot and no address",
  length: { min: 1 },
  shapes: [
    { pattern: "^(?!\\.)", otherwise: "it starts with a dot" },
    {
      pattern: "^[^\\u0000-\\u0020\\u007f#%/:<>?@\\[\\\\\\]^|]*$",
      otherwise: "it contains a blank or another character that no domain has",
    },
  ],
  problem(value) {
    const name = URL.canParse(`http://${value}`) ? new URL(`http://${value}`).hostname : "";
    if (name === "") return "it is not a domain";
    return canonicalIp(name) === undefined ? undefined : "it is an address";
  },
});

/** One line of the hosts file: an address and its names. */
export type HostsEntry = readonly [address: string, names: readonly string[]];

const hostnames = list(hostname);
const entryAccepted = "a pair of an IP address and a list of host names";

const hostsEntry: ValueType<HostsEntry> = {
  accepted: entryAccepted,
  writtenAs: "json",
  schema: {
    type: "array",
    prefixItems: [ipAddress.schema, hostnames.schema],
    items: false,
    minItems: 2,
  },
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
  const hosts = hostnames.read(names, within("names", refuse));
  return ip === undefined || hosts === undefined ? undefined : [ip, hosts];
}

/** Addresses with their host names; entries with the same address are kept apart. */
export const hostsEntries = list(hostsEntry);
