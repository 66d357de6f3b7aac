/** What lists and limits of the host take and refuse: specification "settings" 7.8, 7.12, 7.13 and 13. */
import type { SettingRow } from "./testing.ts";

const parameter = {
  accepted: [[], ["ttyS0,9600", ""], ["a", "a"]],
  refused: ["tty0", ["a\tb"], ["a\"b'c"], [5], { a: 1 }],
};
const limit = {
  accepted: [-1, 0, 65_536, Number.MAX_SAFE_INTEGER],
  converted: [["unlimited", -1]] as const,
  refused: [-2, Number.MAX_SAFE_INTEGER + 1, 1.5, "65536", "Unlimited", "", true],
};

export const hostSettings: readonly SettingRow[] = [
  [
    "dns.name-servers",
    "",
    {
      accepted: [[], ["192.0.2.53", "192.0.2.53", "2001:db8::53"]],
      converted: [[["2001:DB8:0::53"], ["2001:db8::53"]]],
      refused: ["192.0.2.53", [5]],
      refusedBeyondSchema: [["dns.lan"], ["192.0.2.53", ""]],
    },
  ],
  [
    "dns.search-list",
    "",
    {
      accepted: [[], ["example.com", "a"]],
      refused: ["example.com", ["Example.com"], ["a."], [`${"a.".repeat(126)}aa`]],
    },
  ],
  [
    "ntp.time-servers",
    "",
    {
      accepted: [[], ["time.example.com", "192.0.2.123"]],
      converted: [[["FD00::7B"], ["fd00::7b"]]],
      refused: ["time.example.com", ["ntp://time.example.com"], [""]],
      refusedBeyondSchema: [["time.example.com:123"]],
    },
  ],
  ["boot.kernel.console", "Checks 11 and 12", parameter],
  ['boot.init."systemd.log_level"', "Check 12", parameter],
  ["oci-defaults.resource-limits.max-open-files.hard-limit", "", limit],
  ["oci-defaults.resource-limits.max-open-files.soft-limit", "", limit],
];
