/**
 * IP addresses as text. The runtime's URL parser is no substitute: it refuses right addresses such as
 * `1::2:2:2:192.0.2.1` and prints embedded IPv4 addresses in hexadecimal.
 */

const byte = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)"; // no leading zeros
// ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255; taking apart a text of a megabyte would hold up others.
const longest = 45;
const ipv4 = new RegExp(`^${byte}(\\.${byte}){3}$`);

/**
 * The canonical text of an IP address, so that equal addresses have equal texts.
 *
 * @returns IPv4 as given; IPv6 in lower case, the longest run of zeros compressed, an IPv4-mapped address
 *   written as such; undefined if the text is no address (zone, brackets and prefix lengths are no part of one)
 */
export function canonicalIp(text: string): string | undefined {
  if (text.length > longest) return undefined;
  if (ipv4.test(text)) return text;
  const groups = groupsOfIpv6(text);
  return groups === undefined ? undefined : textOfIpv6(groups);
}

/** The eight 16-bit groups of an IPv6 address, or undefined if the text is none. */
function groupsOfIpv6(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [before, after] = halves.map((half, index) => groupsOfHalf(half, index === halves.length - 1));
  if (before === undefined) return undefined;
  if (halves.length === 1) return before.length === 8 ? before : undefined;
  // "::" stands for at least one group.
  if (after === undefined || before.length + after.length > 7) return undefined;
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function groupsOfHalf(half: string, last: boolean): number[] | undefined {
  if (half === "") return [];
  const parts = half.split(":");
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else if (last && index === parts.length - 1 && ipv4.test(part)) {
      const [a = 0, b = 0, c = 0, d = 0] = part.split(".").map(Number);
      groups.push(a * 256 + b, c * 256 + d);
    } else return undefined;
  }
  return groups;
}

function textOfIpv6(groups: readonly number[]): string {
  const [high = 0, low = 0] = groups.slice(6);
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${[high >> 8, high & 0xff, low >> 8, low & 0xff].join(".")}`;
  }
  const hex = groups.map((group) => group.toString(16));
  const { start, length } = longestZeros(groups);
  if (length < 2) return hex.join(":");
  return `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}

/** The first of the longest runs of zero groups (RFC 5952 4.2.3). */
function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}
