/**
 * The network configuration a kernel command line can carry: one interface with DHCP.
 *
 *     netdog.default-interface=NAME:OPTION[,OPTION]      OPTION is dhcp4 or dhcp6, `?` makes it optional
 *
 * @source specification "platform" 6.4
 */

import { interfaceNameRule, isInterfaceName } from "./names.ts";
import type { Dhcp, NetConfig } from "./net-config.ts";

const token = "netdog.default-interface=";

export type CommandLineConfig =
  | { readonly ok: true; readonly config: NetConfig }
  | { readonly ok: false; readonly problem: string };

/**
 * Reads the configuration from a kernel command line. It is split at blanks only, quotes mean nothing.
 *
 * @returns a configuration without devices if the command line has no token
 * @throws  never
 */
export function parseNetCommandLine(line: string): CommandLineConfig {
  const tokens = line.split(/\s+/).filter((word) => word.startsWith(token));
  const [first] = tokens;
  if (first === undefined) return configured([]);
  if (tokens.length > 1) {
    return refused(`the kernel command line has ${tokens.length} words ${token}...; accepted: one`);
  }
  // Boot settings arrive as quoted words: `kernel.netdog.default-interface` may be one of them.
  const text = first.slice(token.length).replace(/^"(.*)"$/, "$1");
  const colon = text.indexOf(":");
  const name = colon < 0 ? text : text.slice(0, colon);
  const says = `${token}${text} on the kernel command line`;
  if (!isInterfaceName(name))
    return refused(`${says}: the name is ${JSON.stringify(name)}; accepted: ${interfaceNameRule}`);

  const dhcp = new Map<string, Dhcp>();
  for (const option of colon < 0 ? [""] : text.slice(colon + 1).split(",")) {
    const protocol = /^(dhcp4|dhcp6)(\?*)$/.exec(option);
    if (protocol === null) {
      return refused(
        `${says}: found the option ${JSON.stringify(option)}; accepted: dhcp4, dhcp6, dhcp4?, dhcp6?`,
      );
    }
    const [, key = "", optional = ""] = protocol;
    if (dhcp.has(key)) return refused(`${says}: ${key} is given twice; accepted: each protocol once`);
    dhcp.set(key, { enabled: true, optional: optional !== "", routeMetric: undefined });
  }
  return configured([
    {
      kind: "interface",
      match: { by: "name", name },
      primary: true,
      addressing: {
        dhcp4: dhcp.get("dhcp4"),
        dhcp6: dhcp.get("dhcp6"),
        static4: [],
        static6: [],
        routes: [],
      },
    },
  ]);
}

function configured(devices: NetConfig["devices"]): CommandLineConfig {
  return { ok: true, config: { source: "the kernel command line", fromCommandLine: true, devices } };
}

function refused(problem: string): CommandLineConfig {
  return { ok: false, problem };
}
