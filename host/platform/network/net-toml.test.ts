import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { problemText } from "../../settings/index.ts";
import { parseNetCommandLine } from "./command-line.ts";
import { type Addressing, matchOf, primaryDevice } from "./net-config.ts";
import { parseNetToml } from "./net-toml.ts";

/** The configuration, or the problems as a person reads them. */
function read(text: string) {
  const parsed = parseNetToml(text, "net.toml");
  return parsed.ok ? parsed.config : parsed.problems.map((problem) => problemText(problem, "net.toml"));
}

function primaryOf(text: string) {
  const parsed = parseNetToml(text, "net.toml");
  if (!parsed.ok) throw new Error(parsed.problems.map((problem) => problemText(problem)).join());
  const device = primaryDevice(parsed.config);
  return device && matchOf(device);
}

function devicesOf(text: string) {
  const config = read(text);
  if ("length" in config) throw new Error(config.join("\n"));
  return config.devices;
}

const none: Addressing = { dhcp4: undefined, dhcp6: undefined, static4: [], static6: [], routes: [] };
const dhcp = (enabled = true, optional = false, routeMetric?: number) => ({ enabled, optional, routeMetric });
const name15 =
  "an interface name: 1 to 15 printable ASCII characters without blanks and . / : % * ? [ ] ! \\ \" '";

describe("net.toml version 1", () => {
  it("reads DHCP as a switch or as a table", () => {
    const text = "version = 1\n[eno1]\ndhcp4 = true\n[eno1.dhcp6]\nenabled = false\noptional = true\n";
    expect(devicesOf(text)).toEqual([
      {
        kind: "interface",
        match: { by: "name", name: "eno1" },
        primary: false,
        addressing: { ...none, dhcp4: dhcp(), dhcp6: dhcp(false, true) },
      },
    ]);
  });

  it("platform Check 20: the first interface of the file is primary", () => {
    const two = "version = 1\n[eno9]\ndhcp4 = true\n[eno1]\ndhcp4 = true\n";
    expect(primaryOf(two)).toEqual({ by: "name", name: "eno9" });
    expect(primaryOf(`${two}primary = true\n`)).toEqual({ by: "name", name: "eno1" });
    expect(primaryOf("version = 1\n[10]\ndhcp4 = true\n[9]\ndhcp4 = true\n")).toEqual({
      by: "name",
      name: "10",
    });
  });

  it("takes a protocol that is switched off for a way to get an address", () => {
    expect(devicesOf("version = 1\n[eno1]\ndhcp4 = false\n")).toHaveLength(1);
  });
});

describe("net.toml version 2", () => {
  it("platform Check 23: keeps addresses in order and finds the family of default routes", () => {
    const text = `version = 2
[eno1.static4]
addresses = ["10.0.0.9/24", "10.0.0.2/24", "10.0.0.9/24"]
[eno1.static6]
addresses = ["2001:db8::9/64"]
[[eno1.route]]
to = "default"
via = "2001:db8::1"
[[eno1.route]]
to = "DEFAULT"
route-metric = 7
[[eno1.route]]
to = "10.9.8.7/8"
from = "10.0.0.9"
`;
    expect(devicesOf(text)[0]?.addressing).toEqual({
      ...none,
      static4: ["10.0.0.9/24", "10.0.0.2/24"],
      static6: ["2001:db8::9/64"],
      routes: [
        { destination: "::/0", gateway: "2001:db8::1", preferredSource: undefined, metric: undefined },
        { destination: "0.0.0.0/0", gateway: undefined, preferredSource: undefined, metric: 7 },
        { destination: "10.9.8.7/8", gateway: undefined, preferredSource: "10.0.0.9", metric: undefined },
      ],
    });
  });

  it("platform Check 22: DHCP and static addresses may stand together without routes", () => {
    const text = 'version = 2\n[eno1]\ndhcp4 = true\nstatic4 = { addresses = ["10.0.0.9/24"] }\n';
    expect(devicesOf(text)[0]?.addressing).toEqual({ ...none, dhcp4: dhcp(), static4: ["10.0.0.9/24"] });
  });
});

const bond = (more = "", members = '["eno1", "eno2"]', monitoring = mii) => `version = 3
[bond0]
kind = "Bond"
mode = "active-backup"
interfaces = ${members}
dhcp4 = true
${more}
${monitoring}`;
const mii =
  "[bond0.monitoring]\nmiimon-frequency-ms = 100\nmiimon-updelay-ms = 200\nmiimon-downdelay-ms = 300\n";
const vlan = (device: string, id = 7) =>
  `[vlan7]\nkind = "vlan"\ndevice = "${device}"\nid = ${id}\ndhcp4 = true\n`;

describe("net.toml version 3", () => {
  it("platform Check 25: a hardware address names an interface, in any notation", () => {
    const text = 'version = 3\n["F8-75-A4-D5-32-64"]\ndhcp4 = true\n';
    expect(primaryOf(text)).toEqual({ by: "mac", macAddress: "f8:75:a4:d5:32:64" });
  });

  it("platform Check 24: a VLAN may stand on a bond", () => {
    expect(devicesOf(`${bond("min-links = 2")}${vlan("bond0")}`)).toEqual([
      {
        kind: "bond",
        name: "bond0",
        mode: "active-backup",
        members: ["eno1", "eno2"],
        minLinks: 2,
        monitoring: { by: "mii", frequencyMs: 100, updelayMs: 200, downdelayMs: 300 },
        primary: false,
        addressing: { ...none, dhcp4: dhcp() },
      },
      {
        kind: "vlan",
        name: "vlan7",
        parent: "bond0",
        id: 7,
        primary: false,
        addressing: { ...none, dhcp4: dhcp() },
      },
    ]);
  });

  it("monitors a bond by ARP", () => {
    const arp =
      '[bond0.monitoring]\narpmon-interval-ms = 50\narpmon-validate = "all"\narpmon-targets = ["10.0.0.1"]\n';
    expect(devicesOf(bond("", '["eno1"]', arp))[0]).toMatchObject({
      monitoring: { by: "arp", intervalMs: 50, validate: "all", targets: ["10.0.0.1"] },
    });
  });

  it("lets several VLANs share a parent that has no configuration of its own", () => {
    const text = `version = 3\n${vlan("eno1")}${vlan("eno1").replace("[vlan7]", "[vlan8]")}`;
    expect(devicesOf(text)).toHaveLength(2);
  });
});

describe("mistakes in net.toml are refused with their place", () => {
  const table: [situation: string, text: string, ...problems: string[]][] = [
    ["no version", "[eno1]\ndhcp4 = true\n", "net.toml:1:1: version: is missing; accepted: 1, 2 or 3"],
    [
      "platform Check 21: version 50",
      "version = 50\n",
      "net.toml:1:1: version: found version 50; accepted: 1, 2 or 3",
    ],
    [
      "a version beyond 255",
      "version = 256\n",
      "net.toml:1:1: version: found the integer 256; accepted: an integer from 0 to 255",
    ],
    [
      "platform Check 21: a DHCP table without enabled",
      "version = 1\n[eno1.dhcp4]\noptional = true\n",
      "net.toml:2:7: eno1.dhcp4.enabled: is missing; accepted: true or false",
    ],
    [
      "platform Check 21: a route metric for DHCPv6",
      "version = 1\n[eno1.dhcp6]\nenabled = true\nroute-metric = 5\n",
      "net.toml:4:1: eno1.dhcp6.route-metric: is not a known key; accepted: enabled, optional",
    ],
    [
      "platform Check 21: a name of 16 bytes",
      "version = 1\n[abcdefghijklmnop]\ndhcp4 = true\n",
      `net.toml:2:2: abcdefghijklmnop: the name is "abcdefghijklmnop"; accepted: ${name15}`,
    ],
    [
      "platform Check 21: a name with a dot",
      'version = 1\n["eno.1"]\ndhcp4 = true\n',
      `net.toml:2:2: "eno.1": the name is "eno.1"; accepted: ${name15}`,
    ],
    [
      "platform Check 20: two primary interfaces",
      "version = 1\n[a]\nprimary = true\ndhcp4 = true\n[b]\nprimary = true\ndhcp4 = true\n",
      "net.toml:5:2: b: is primary, but a is primary already; accepted: one primary device",
    ],
    [
      "static addresses in version 1",
      'version = 1\n[a]\ndhcp4 = true\nstatic4 = { addresses = ["10.0.0.1/8"] }\n',
      "net.toml:4:1: a.static4: is not a known key; accepted: primary, dhcp4, dhcp6 in version 1 (static4, static6 and route need version 2)",
    ],
    [
      "an interface without addresses",
      "version = 2\n[a]\n",
      "net.toml:2:2: a: has no way to get an address; accepted: at least one of dhcp4, dhcp6, static4 or static6",
    ],
    [
      "platform Check 22: routes beside DHCP, even switched off, and without static addresses",
      'version = 2\n[a]\ndhcp4 = false\n[[a.route]]\nto = "default"\n',
      "net.toml:4:5: a.route: stands together with DHCP; accepted: routes on devices without dhcp4 and dhcp6, even switched off",
      "net.toml:4:5: a.route: stands without static addresses; accepted: routes on devices with static4 or static6",
    ],
    [
      "platform Check 22: IPv6 in static4",
      'version = 2\n[a.static4]\naddresses = ["10.0.0.1/8", "fd00::1/64", "10.0.0.2"]\n',
      'net.toml:3:28: a.static4.addresses[1]: found the text "fd00::1/64"; accepted: IPv4 addresses with prefix length, like "10.0.0.9/24"',
      'net.toml:3:42: a.static4.addresses[2]: found the text "10.0.0.2"; accepted: IPv4 addresses with prefix length, like "10.0.0.9/24"',
    ],
    [
      "an empty list of addresses",
      "version = 2\n[a.static4]\naddresses = []\n",
      "net.toml:3:1: a.static4.addresses: is empty; accepted: at least one address; leave out a.static4 for none",
    ],
    [
      "a gateway of another family than its route",
      'version = 2\n[a.static4]\naddresses = ["10.0.0.1/8"]\n[[a.route]]\nto = "10.0.0.0/8"\nvia = "fd00::1"\n',
      "net.toml:6:1: a.route[0].via: is of another family than the route; accepted: an IPv4 address",
    ],
    [
      "platform Check 24: more min-links than members",
      bond("min-links = 3"),
      "net.toml:7:1: bond0.min-links: found the integer 3; accepted: an integer from 0 to 2",
    ],
    [
      "platform Check 24: both kinds of monitoring",
      bond("", '["eno1"]', `${mii}arpmon-interval-ms = 5\n`),
      "net.toml:8:8: bond0.monitoring: mixes both kinds of monitoring; accepted: either miimon-frequency-ms, miimon-updelay-ms, miimon-downdelay-ms, or arpmon-interval-ms, arpmon-validate, arpmon-targets",
    ],
    [
      "platform Check 24: a member with a table of its own that carries a VLAN",
      `${bond()}[eno1]\ndhcp4 = true\n${vlan("eno1")}`,
      "net.toml:2:2: bond0: its member eno1 has a table of its own; accepted: interfaces that nothing else in the document uses",
      "net.toml:2:2: bond0: its member eno1 carries the VLAN vlan7; accepted: interfaces that nothing else in the document uses",
    ],
    [
      "a member listed twice",
      bond("", '["eno1", "eno1"]'),
      "net.toml:2:2: bond0: its member eno1 is listed twice; accepted: interfaces that nothing else in the document uses",
    ],
    [
      "platform Check 24: VLAN id 5000, and 4095",
      `version = 3\n${vlan("eno1", 5000)}${vlan("eno1", 4095).replace("vlan7", "vlan8")}`,
      "net.toml:5:1: vlan7.id: found the integer 5000; accepted: an integer from 0 to 4094",
      "net.toml:10:1: vlan8.id: found the integer 4095; accepted: an integer from 0 to 4094",
    ],
    [
      "platform Check 24: a hardware address for a bond",
      bond().replace("[bond0]", '["F8-75-A4-D5-32-64"]').replace("[bond0.", '["F8-75-A4-D5-32-64".'),
      `net.toml:2:2: F8-75-A4-D5-32-64: the name of a bond is "F8-75-A4-D5-32-64"; accepted: ${name15}`,
    ],
    [
      "an unknown kind, by the field and not as a whole",
      'version = 3\n[x]\nkind = "bridge"\n',
      'net.toml:3:1: x.kind: found the text "bridge"; accepted: "bond" or "vlan"',
    ],
    [
      "a VLAN that stands on itself",
      `version = 3\n${vlan("vlan7")}`,
      "net.toml:2:2: vlan7: stands on itself; accepted: a device that is not a VLAN upon this one",
    ],
    [
      "one hardware address written in two ways",
      'version = 3\n["aa-bb-cc-dd-ee-ff"]\ndhcp4 = true\n["AA:BB:CC:DD:EE:FF"]\ndhcp4 = true\n',
      'net.toml:4:2: "AA:BB:CC:DD:EE:FF": is the same interface as aa-bb-cc-dd-ee-ff; accepted: each interface once',
    ],
    [
      "every mistake of the document at once",
      "version = 1\neno1 = 5\n[eno2]\nprimary = 1\n[eno3]\ndhcp4 = [1]\n",
      "net.toml:2:1: eno1: found the integer 5; accepted: a table",
      "net.toml:4:1: eno2.primary: found the integer 1; accepted: true or false",
      "net.toml:3:2: eno2: has no way to get an address; accepted: at least one of dhcp4 or dhcp6",
      "net.toml:6:1: eno3.dhcp4: found a list; accepted: true, false or a table",
    ],
  ];
  for (const [situation, text, ...problems] of table) {
    it(situation, () => expect(read(text)).toEqual(problems));
  }

  it("a text that is no TOML", () => {
    expect(read("version = \n")).toEqual([expect.stringMatching(/^net\.toml:\d+:\d+: not readable as TOML/)]);
  });
});

describe("net.toml of any content", () => {
  const piece = fc.constantFrom(
    ...["version = 3\n", "[eno1]\n", "[bond0]\n", "[[eno1.route]]\n", 'kind = "bond"\n', 'kind = "vlan"\n'],
    ...[
      "dhcp4 = true\n",
      "[eno1.dhcp6]\n",
      "enabled = false\n",
      'interfaces = ["eno1"]\n',
      'to = "default"\n',
    ],
    ...[
      'static4 = { addresses = ["10.0.0.1/8"] }\n',
      "id = 3\n",
      'device = "vlan1"\n',
      "[vlan1]\n",
      "primary = true\n",
    ],
    ...[
      "[bond0.monitoring]\n",
      "miimon-frequency-ms = 1\n",
      'via = "::1"\n',
      "x = 1979-05-27\n",
      "y = inf\n",
    ],
  );
  it("is accepted or refused with a place in the text, and never throws", () => {
    const text = fc.array(
      fc.oneof({ weight: 9, arbitrary: piece }, fc.string({ unit: "binary", maxLength: 5 })),
    );
    fc.assert(
      fc.property(text, (pieces) => {
        const document = `version = 3\n${pieces.join("")}`;
        const parsed = parseNetToml(document, "net.toml");
        if (parsed.ok) return;
        expect(parsed.problems.length).toBeGreaterThan(0);
        const lines = document.split("\n").length;
        for (const { at } of parsed.problems) expect(at !== undefined && at.line <= lines + 1).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe("the kernel command line", () => {
  const accepted: [text: string, dhcp4: object | undefined, dhcp6: object | undefined][] = [
    ["eno1:dhcp4", dhcp(), undefined],
    ["eno1:dhcp6?,dhcp4?", dhcp(true, true), dhcp(true, true)],
    ["eno1:dhcp4,dhcp6??", dhcp(), dhcp(true, true)],
    ['"eno1:dhcp4"', dhcp(), undefined],
  ];
  for (const [text, dhcp4, dhcp6] of accepted) {
    it(`configures ${text}`, () => {
      const parsed = parseNetCommandLine(`quiet netdog.default-interface=${text} ro\n`);
      expect(parsed).toEqual({
        ok: true,
        config: {
          source: "the kernel command line",
          fromCommandLine: true,
          devices: [
            {
              kind: "interface",
              match: { by: "name", name: "eno1" },
              primary: true,
              addressing: { ...none, dhcp4, dhcp6 } as Addressing,
            },
          ],
        },
      });
    });
  }

  const refused = [
    "",
    ":",
    "eno1:",
    ":dhcp4",
    "dhcp4",
    "eno1:dhcp",
    "eno1:dhcp4+",
    "ENO1:DHCP4",
    "eth0:dhcp4,",
  ];
  const repeated = ["a:dhcp4,dhcp4", "a:dhcp4,dhcp4?", "a:dhcp4?,dhcp4", "a:dhcp4dhcp4"];
  for (const text of [...refused, ...repeated]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(parseNetCommandLine(`netdog.default-interface=${text}`).ok).toBe(false);
    });
  }

  it("platform Check 18: without the token configures nothing, with two of them fails", () => {
    expect(parseNetCommandLine("quiet ro")).toMatchObject({ ok: true, config: { devices: [] } });
    const token = "netdog.default-interface=a:dhcp4";
    expect(parseNetCommandLine(`${token} ${token}`)).toEqual({
      ok: false,
      problem: "the kernel command line has 2 words netdog.default-interface=...; accepted: one",
    });
  });

  it("never throws", () => {
    fc.assert(
      fc.property(fc.string(), (text) => void parseNetCommandLine(`netdog.default-interface=${text}`)),
    );
  });
});
