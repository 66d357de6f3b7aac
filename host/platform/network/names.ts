/**
 * Interface names, hardware addresses and IP addresses as they may stand in a network configuration.
 *
 * @source specification "platform" 6.5
 */

import { canonicalIp } from "../../settings/index.ts";

/** What `isInterfaceName` accepts, for messages. */
export const interfaceNameRule =
  "an interface name: 1 to 15 printable ASCII characters without blanks and . / : % * ? [ ] ! \\ \" '";

/**
 * Interface names: 1 to 15 bytes without `.`, `/` and whitespace. Beyond the specification this refuses what
 * neither the kernel (`:`, `%`) nor the network daemon's match could ever meet as that very name: characters
 * outside ASCII, and those that mean something in its patterns and quoting.
 */
export function isInterfaceName(text: string): boolean {
  return /^[^./:%*?[\]!\\"'\s]{1,15}$/.test(text) && /^[\x21-\x7e]*$/.test(text);
}

/** Six hex octets joined by `:` or `-`, in lower case with colons; `undefined` for anything else. */
export function parseMacAddress(text: string): string | undefined {
  return /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(text)
    ? text.toLowerCase().replaceAll("-", ":")
    : undefined;
}

export type Family = "ipv4" | "ipv6";

/** The family of an IP address without prefix length or zone, `undefined` if it is none. */
export function familyOf(text: string): Family | undefined {
  if (canonicalIp(text) === undefined) return undefined;
  return text.includes(":") ? "ipv6" : "ipv4";
}

/** The family of `ADDRESS/PREFIX`, `undefined` if it is none. The prefix length is mandatory. */
export function prefixFamilyOf(text: string): Family | undefined {
  const slash = text.indexOf("/");
  const family = slash < 0 ? undefined : familyOf(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (family === undefined || !/^(0|[1-9][0-9]{0,2})$/.test(length)) return undefined;
  return Number(length) <= (family === "ipv4" ? 32 : 128) ? family : undefined;
}

/** Whether an address, with or without prefix length, reaches no further than its own link. */
export function isLinkLocal(address: string): boolean {
  return /^169\.254\./.test(address) || /^fe[89ab][0-9a-f]:/i.test(address);
}
