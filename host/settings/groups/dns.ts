import { list } from "../basic-types.ts";
import { group, setting } from "../declaration.ts";
import { hostname, ipAddress } from "../network-types.ts";

export const dns = group(
  {
    "name-servers": setting(list(ipAddress), {
      doc: "The DNS servers to ask. Unset or empty: those of the DHCP lease.",
      example: ["192.0.2.53", "2001:db8::53"],
    }),
    "search-list": setting(list(hostname), {
      doc: "The domains that are tried after short names. Unset or empty: those of the DHCP lease.",
      example: ["example.com"],
    }),
  },
  { about: { doc: "How names are resolved.", affects: ["dns"] } },
);
