import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { parseNetCommandLine } from "./command-line.ts";
import { parseNetToml } from "./net-toml.ts";
import { networkdFiles } from "./networkd-files.ts";

/** The files of a net.toml, without the comment they begin with. */
function filesOf(text: string): Record<string, string> {
  const parsed = parseNetToml(text, "/net.toml");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return withoutComment(networkdFiles(parsed.config));
}

function withoutComment(files: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...files].map(([name, text]) => [name, text.slice(text.indexOf("\n\n") + 2)]));
}

const online = (text: string) => /^RequiredFor.*(\n.*Family.*)?/m.exec(text)?.[0].split("\n");

describe("the network daemon's files", () => {
  it("platform Check 19: DHCPv4 is awaited, the optional DHCPv6 asked for only", () => {
    const parsed = parseNetCommandLine("netdog.default-interface=eno1:dhcp4,dhcp6?");
    if (!parsed.ok) throw new Error(parsed.problem);
    expect(Object.fromEntries(networkdFiles(parsed.config))).toEqual({
      "10-eno1.network": `# Made by netdog from the kernel command line; made again at every boot.

[Match]
Name=eno1

[Link]
RequiredForOnline=routable
RequiredFamilyForOnline=ipv4

[Network]
DHCP=yes
KeepConfiguration=dhcp
IPv6AcceptRA=true
IPv6DuplicateAddressDetection=0
IPv4ReversePathFilter=loose

[DHCPv4]
UseMTU=true
UseHostname=false
ClientIdentifier=mac

[DHCPv6]
WithoutRA=solicit
UseDomains=true
UseHostname=false
DUIDType=link-layer

[IPv6AcceptRA]
UseMTU=true
`,
    });
  });

  it("static addresses keep their order, version 4 first, and routes follow", () => {
    const text = `version = 2
[eno1.static6]
addresses = ["2001:db8::9/64"]
[eno1.static4]
addresses = ["10.0.0.9/24", "10.0.0.2/24"]
[[eno1.route]]
to = "default"
via = "10.0.0.1"
from = "10.0.0.9"
route-metric = 7
[[eno1.route]]
to = "10.5.0.0/16"
[[eno1.route]]
to = "2001:db8:1::/48"
`;
    expect(filesOf(text)).toEqual({
      "10-eno1.network": `[Match]
Name=eno1

[Link]
RequiredForOnline=routable
RequiredFamilyForOnline=both

[Network]
DHCP=no
Address=10.0.0.9/24
Address=10.0.0.2/24
Address=2001:db8::9/64
IPv6AcceptRA=true
IPv4ReversePathFilter=loose

[Route]
Destination=0.0.0.0/0
Gateway=10.0.0.1
PreferredSource=10.0.0.9
Metric=7

[Route]
Destination=10.5.0.0/16
Scope=link

[Route]
Destination=2001:db8:1::/48
`,
    });
  });

  it("platform Check 26: bond times have the unit milliseconds; members belong to the bond, the first preferred", () => {
    const text = `version = 3
[bond0]
kind = "bond"
mode = "active-backup"
interfaces = ["eno1", "eno2"]
min-links = 1
dhcp4 = true
[bond0.monitoring]
miimon-frequency-ms = 100
miimon-updelay-ms = 200
miimon-downdelay-ms = 300
`;
    const files = filesOf(text);
    expect(Object.keys(files)).toEqual([
      "10-bond0.netdev",
      "10-bond0.network",
      "10-eno1.network",
      "10-eno2.network",
    ]);
    expect(files["10-bond0.netdev"]).toBe(`[NetDev]
Name=bond0
Kind=bond
MACAddress=none

[Bond]
Mode=active-backup
MinLinks=1
MIIMonitorSec=100ms
UpDelaySec=200ms
DownDelaySec=300ms
`);
    expect(files["10-bond0.network"]).toContain("ConfigureWithoutCarrier=true\nBindCarrier=eno1 eno2\n");
    expect(files["10-eno1.network"]).toBe(`[Match]
Name=eno1

[Link]
RequiredForOnline=no

[Network]
Bond=bond0
LinkLocalAddressing=no
IPv6AcceptRA=false
PrimarySlave=true
`);
    expect(files["10-eno2.network"]).not.toContain("PrimarySlave");
  });

  it("a VLAN is named by its parent, and a parent without configuration gets a bare one", () => {
    const vlan = (name: string, device: string) =>
      `[${name}]\nkind = "vlan"\ndevice = "${device}"\nid = 7\ndhcp6 = true\n`;
    const files = filesOf(`version = 3\n[eno1]\ndhcp4 = true\n${vlan("v1", "eno1")}${vlan("v2", "eno2")}`);
    expect(files["10-eno1.network"]).toContain("VLAN=v1\n");
    expect(files["10-v1.netdev"]).toBe("[NetDev]\nName=v1\nKind=vlan\n\n[VLAN]\nId=7\n");
    expect(files["10-eno2.network"]).toBe(`[Match]
Name=eno2

[Link]
RequiredForOnline=no

[Network]
LinkLocalAddressing=no
IPv6AcceptRA=false
VLAN=v2
`);
  });

  it("a hardware address is matched by address, and names the file without separators", () => {
    const files = filesOf('version = 3\n["F8-75-A4-D5-32-64"]\ndhcp4 = true\n');
    expect(files["10-f875a4d53264.network"]).toStartWith("[Match]\nPermanentMACAddress=f8:75:a4:d5:32:64\n");
  });

  const waits: [situation: string, device: string, ...rule: string[]][] = [
    [
      "IPv6 alone must be more than the link-local address",
      "dhcp6 = true",
      "RequiredForOnline=routable",
      "RequiredFamilyForOnline=ipv6",
    ],
    [
      "a protocol that is switched off is not awaited",
      "dhcp4 = true\ndhcp6 = false",
      "RequiredForOnline=routable",
      "RequiredFamilyForOnline=ipv4",
    ],
    [
      "both are awaited",
      "dhcp4 = true\ndhcp6 = true",
      "RequiredForOnline=routable",
      "RequiredFamilyForOnline=both",
    ],
    [
      "link-local addresses are all there will be",
      'static4 = { addresses = ["169.254.1.1/16"] }',
      "RequiredForOnline=degraded",
      "RequiredFamilyForOnline=ipv4",
    ],
    [
      "with nothing to wait for, the primary's carrier is awaited, else online would never come",
      "dhcp4 = { enabled = true, optional = true }",
      "RequiredForOnline=carrier",
    ],
  ];
  for (const [situation, device, ...rule] of waits) {
    it(situation, () =>
      expect(online(filesOf(`version = 2\n[a]\n${device}\n`)["10-a.network"] ?? "")).toEqual(rule),
    );
  }

  it("an optional interface beside a required one is not awaited at all", () => {
    const files = filesOf(
      "version = 1\n[a]\ndhcp4 = { enabled = true, optional = true }\n[b]\ndhcp4 = true\n",
    );
    expect(online(files["10-a.network"] ?? "")).toEqual(["RequiredForOnline=no"]);
  });

  it("have one line for each key, whatever the configuration", () => {
    const name = fc.stringMatching(/^[^\s]{1,15}$/);
    fc.assert(
      fc.property(name, name, fc.nat(4094), (parent, child, id) => {
        const quoted = (text: string) => JSON.stringify(text).replaceAll("\x7f", "\\u007f");
        const parsed = parseNetToml(
          `version = 3\n[${quoted(child)}]\nkind = "vlan"\ndevice = ${quoted(parent)}\nid = ${id}\ndhcp4 = true\n`,
          "/net.toml",
        );
        if (!parsed.ok) return;
        const files = withoutComment(networkdFiles(parsed.config));
        for (const [file, text] of Object.entries(files)) {
          expect(file).not.toContain("/");
          for (const line of text.split("\n"))
            expect(line).toMatch(/^$|^\[[A-Za-z0-9]+\]$|^[A-Za-z0-9]+=.+$/);
        }
      }),
    );
  });
});
