/** What each type takes and refuses: the failing neighbour of every rule of specification "settings" 6. */
import { boolean, unsigned32 } from "./basic-types.ts";
import type { NameType, ValueType } from "./declaration.ts";
import { bootParameterName, bootParameterValue, lockdown, moduleName, sysctlName } from "./kernel-types.ts";
import { labelKey } from "./kubernetes-types.ts";
import { hostname, hostsEntries, ipAddress, serverName } from "./network-types.ts";
import type { Json } from "./source.ts";
import { anyText, singleLine, url, version } from "./text-types.ts";

interface Examples {
  readonly accepted: readonly Json[];
  readonly refused: readonly Json[];
  /** Refused too, by rules that a schema cannot say. */
  readonly refusedBeyondSchema?: readonly Json[];
}

export const typeExamples: [name: string, type: ValueType<Json>, examples: Examples][] = [
  ["any text", anyText, { accepted: ["", "a\nb", "<&'\">"], refused: [5, true, ["a"], { a: "b" }, null] }],
  [
    "a text on one line",
    singleLine,
    {
      accepted: ["", 'a "quoted" text', "tab\there", "\u0001"],
      refused: ["a\nb", "a\rb", "a\u000bb", "a\u000cb", "a\u0085b", "a\u2028b", "a\u2029b", "a\n", 1],
    },
  ],
  [
    "a URL",
    url,
    {
      accepted: [
        "https://api.lan:6443",
        "api.lan",
        "10.0.0.5",
        "10.0.0.5:8080/x",
        ".corp",
        "registry.lan/team/image:v3",
        "aws:///eu-west-1a/i-0abc",
        "localhost:6443",
        "http://user:pass@proxy.lan:3128",
        "[2001:db8::1]:123",
      ],
      refusedBeyondSchema: [
        "two words",
        "user@",
        "999.999.1.1",
        "?q",
        "%zz",
        // The reference takes these (WEAKNESS in 6.2).
        "http://",
        "https://exa mple.lan",
        "https://[::1",
      ],
      refused: [
        "",
        // The reference takes these as well.
        " api.lan",
        "api.lan ",
        "api\n.lan",
        "https://api.lan/\tx",
        "https://api.lan/\u2028",
        "https://api.lan/\u0000",
      ],
    },
  ],
  [
    "a version (Check 27)",
    version,
    {
      accepted: ["latest", "1.11.1", "v1.11.1", "v1.12.0-rc.2+b7", "0.0.0"],
      refused: ["1.11", "v1", "vv1.0.0", "1.0.0-a.01", "01.0.0", "Latest", "", "1.0.0 ", 1.11],
    },
  ],
  [
    "a host name (Check 25)",
    hostname,
    {
      accepted: ["node-7", "node-1.lan", "a.b-.c", "10.0.0.1", "a".repeat(63), `${"a.".repeat(126)}a`],
      refused: [
        "",
        "Node7",
        "a..b",
        "a.",
        ".a",
        "-a",
        "a.-b",
        "my_host",
        "fd00::1",
        "a\n",
        "a".repeat(64),
        `${"a.".repeat(126)}aa`,
      ],
    },
  ],
  [
    "the name of a server, settings 7.13",
    serverName,
    {
      accepted: ["2.amazon.pool.ntp.org", "169.254.169.123", "fd00::7b", "Time.Example.COM.", "ntp_1", "ntp"],
      refusedBeyondSchema: [
        ".",
        "time.example.com:123", // the reference takes it, and chrony does not
        ".corp",
        "-a",
        "10.0.0.256",
        "7",
      ],
      refused: [
        "",
        // The reference takes these, and chrony does not.
        "ntp://time.example.com",
        "time.example.com/x",
        "[fd00::7b]",
        "a#b",
        "*.lan",
        "a b",
        "time.example.com iburst",
        "a\n",
        "ä.example",
      ],
    },
  ],
  [
    "an IP address",
    ipAddress,
    {
      accepted: ["192.0.2.9", "0.0.0.0", "255.255.255.255", "fd00::9", "::1", "::"],
      refused: [5],
      refusedBeyondSchema: [
        "192.0.2.0/24",
        "010.0.0.1",
        "1.2.3",
        "1.2.3.256",
        "fe80::1%eth0",
        "[::1]",
        "host.lan",
        "",
        ":",
        ":::",
        "1::2::3",
        " ::1",
      ],
    },
  ],
  [
    "hosts entries (Check 24)",
    hostsEntries,
    {
      accepted: [
        [],
        [["192.0.2.9", ["db", "db.lan"]]],
        [["fd00::9", []]],
        [
          ["::1", ["a"]],
          ["::1", ["a"]],
        ],
      ],
      refused: [
        [["192.0.2.1"]],
        [["192.0.2.1", ["a"], "b"]],
        [["192.0.2.1", ["A"]]],
        [["192.0.2.1", "a"]],
        [[]],
        ["192.0.2.1"],
        { "192.0.2.1": ["a"] },
      ],
      refusedBeyondSchema: [[["192.0.2.0/24", ["a"]]]],
    },
  ],
  [
    "a lockdown level (Check 28)",
    lockdown,
    { accepted: ["none", "integrity", "confidentiality"], refused: ["Integrity", "", "integrity ", true] },
  ],
  [
    "a boot parameter value (Check 12)",
    bootParameterValue,
    {
      accepted: ["", "ttyS0,9600", 'say "hi"', "it's", " ~", "a=b"],
      refused: ["a\"b'c", "a\tb", "a\nb", "é", "\u007f", 5],
    },
  ],
  ["a boolean", boolean, { accepted: [true, false], refused: ["true", 0, 1, null] }],
  [
    "an unsigned 32-bit integer (Check 21)",
    unsigned32,
    { accepted: [0, 812, 4_294_967_295], refused: [-1, 4_294_967_296, "7", 1.5, 1e300, true] },
  ],
];

export const nameExamples: [name: string, type: NameType, accepted: string[], refused: string[]][] = [
  [
    "a sysctl name",
    sysctlName,
    ["net.core.somaxconn", "net/ipv4/tcp_fin_timeout", "a", "a".repeat(128)],
    ["", "../x", "/proc", ".a", "a..b", "a b", "a".repeat(129), "a\n"],
  ],
  [
    "a module name",
    moduleName,
    ["nf_tables", "dm-crypt", "a".repeat(56)],
    ["", "a.b", "a/b", "a".repeat(57), "a "],
  ],
  [
    "a boot parameter name (Check 12)",
    bootParameterName,
    ["console", "mymod.option", "a.b", "-x", "rootwait", "dm-mod.created", "systemd.unit"],
    ["", ".", "a..b", ".a", "a.", "a b", "a=b", "a\n", "dm_mod.create"],
  ],
  // Longer than any key may be, so that no document shows where the type itself draws the line.
  ["a label key", labelKey, [`${"p".repeat(253)}/a`], [`${"p".repeat(254)}/a`]],
];
