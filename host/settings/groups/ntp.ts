import { list } from "../basic-types.ts";
import { group, setting } from "../declaration.ts";
import { serverName } from "../network-types.ts";

export const ntp = group(
  {
    "time-servers": setting(list(serverName), {
      doc: "The time servers, by host name or address.",
      example: ["time.example.com", "192.0.2.123"],
    }),
  },
  { about: { doc: "Where the time comes from.", affects: ["ntp"] } },
);
