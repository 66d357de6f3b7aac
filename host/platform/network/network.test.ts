import { afterAll, describe, expect, it } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { type InterfaceAddress, ipv6Addresses } from "../../linux/network.ts";
import type { RunningNetwork } from "./identity.ts";
import {
  generateHostname,
  generateNetConfig,
  nodeIp,
  preparePrimaryInterface,
  setHostname,
  writeResolvConf,
} from "./index.ts";
import { hostnameOf, nodeAddress } from "./node-address.ts";
import { dnsOfNetworkd, dnsOfSettings, resolvConf } from "./resolv-conf.ts";

const roots: string[] = [];
afterAll(() => roots.forEach((root) => void rmSync(root, { recursive: true })));

function hostWith(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), "pinwheel-network-"));
  roots.push(root);
  mkdirSync(join(root, "etc"), { recursive: true });
  for (const [path, text] of Object.entries(files)) put(root, path, text);
  return root;
}

function put(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const read = (root: string, path: string) => readFileSync(join(root, path), "utf8");
const networkd = "etc/systemd/network";
const primaryName = "var/lib/netdog/primary_interface";
const primaryMac = "var/lib/netdog/primary_mac_address";

describe("generate-net-config", () => {
  const eno1 = "version = 1\n[eno1]\ndhcp4 = true\n";

  it("platform Check 17: the operator's file is used alone, and decides even when it is invalid", async () => {
    const root = hostWith({
      "var/lib/netdog/net.toml": "version = 1\n[eno9]\ndhcp4 = true\n",
      "var/lib/bottlerocket/net.toml": eno1,
    });
    expect(await generateNetConfig(root)).toEqual({
      kind: "written",
      source: "/var/lib/netdog/net.toml",
      files: ["10-eno9.network"],
    });
    put(root, "var/lib/netdog/net.toml", "version = 9\n");
    expect(await generateNetConfig(root)).toEqual({
      kind: "invalid",
      problems: ["/var/lib/netdog/net.toml:1:1: version: found version 9; accepted: 1, 2 or 3"],
    });
    expect(readdirSync(join(root, networkd))).toEqual(["10-eno9.network"]);
    expect(read(root, primaryName)).toBe("eno9");
  });

  it("platform Check 19: the name of the primary interface has no newline", async () => {
    const root = hostWith({ "proc/cmdline": "ro netdog.default-interface=eno1:dhcp4,dhcp6?\n" });
    expect((await generateNetConfig(root)).kind).toBe("written");
    expect(read(root, primaryName)).toBe("eno1");
  });

  it("platform Check 25: a primary hardware address replaces the name of an earlier boot", async () => {
    const root = hostWith({
      [primaryName]: "eno1",
      "var/lib/bottlerocket/net.toml": 'version = 3\n["F8-75-A4-D5-32-64"]\ndhcp4 = true\n',
    });
    await generateNetConfig(root);
    expect(read(root, primaryMac)).toBe("f8:75:a4:d5:32:64");
    expect(existsSync(join(root, primaryName))).toBe(false);
  });

  it("platform Check 18: without interfaces nothing is configured, and nothing of an earlier boot stays", async () => {
    const root = hostWith({ [primaryName]: "eno1", "proc/cmdline": "ro\n" });
    expect(await generateNetConfig(root)).toEqual({ kind: "nothing", source: "the kernel command line" });
    expect(existsSync(join(root, primaryName))).toBe(false);
    expect(existsSync(join(root, networkd))).toBe(false);
  });

  it("removes the files of its earlier run, but no one else's", async () => {
    const root = hostWith({
      "var/lib/bottlerocket/net.toml": eno1,
      [`${networkd}/10-mine.network`]: "[Match]\n",
    });
    await generateNetConfig(root);
    put(root, "var/lib/bottlerocket/net.toml", eno1.replace("eno1", "eno2"));
    await generateNetConfig(root);
    expect(readdirSync(join(root, networkd)).sort()).toEqual(["10-eno2.network", "10-mine.network"]);
  });
});

describe("prepare-primary-interface", () => {
  it("writes the sysctls and sets those whose interface is there", async () => {
    const root = hostWith({ [primaryName]: "eno1\n", "proc/sys/net/ipv4/conf/eno1/rp_filter": "0" });
    const unset = await preparePrimaryInterface(root);
    expect(read(root, "proc/sys/net/ipv4/conf/eno1/rp_filter")).toBe("2");
    expect(unset).toHaveLength(5);
    expect(read(root, "etc/sysctl.d/90-primary_interface.conf").split("\n").slice(0, 2)).toEqual([
      "-net.ipv4.conf.eno1.rp_filter = 2",
      "-net.ipv6.conf.eno1.accept_ra = 0",
    ]);
  });

  it("finds the primary interface by its hardware address, the hardware before what shares its address", async () => {
    const root = hostWith({
      [primaryMac]: "f8:75:a4:d5:32:64",
      "sys/class/net/a.7/address": "f8:75:a4:d5:32:64\n",
      "sys/class/net/a.7/ifindex": "5\n",
      "sys/class/net/eno1/address": "F8:75:a4:d5:32:64\n",
      "sys/class/net/eno1/ifindex": "2\n",
    });
    await preparePrimaryInterface(root);
    expect(read(root, "etc/sysctl.d/90-primary_interface.conf")).toStartWith("-net.ipv4.conf.eno1.");
  });

  it("fails without a primary interface, and with one that is absent", async () => {
    expect(preparePrimaryInterface(hostWith({}))).rejects.toThrow(
      "There is no primary interface: neither /var/lib/netdog/primary_interface nor /var/lib/netdog/primary_mac_address exists",
    );
    const root = hostWith({
      [primaryMac]: "f8:75:a4:d5:32:64",
      "sys/class/net/lo/address": "00:00:00:00:00:00\n",
    });
    expect(preparePrimaryInterface(root)).rejects.toThrow(
      "No interface has the primary hardware address f8:75:a4:d5:32:64",
    );
  });
});

const ipv4 = (address: string): InterfaceAddress => ({
  family: "ipv4",
  address,
  deprecated: false,
  temporary: false,
});
const ipv6 = (address: string, temporary = false): InterfaceAddress => ({
  family: "ipv6",
  address,
  deprecated: false,
  temporary,
});

/** A running network in which the primary interface has these addresses and names are looked up so. */
function running(
  addresses: readonly InterfaceAddress[],
  name?: string,
): { readonly network: RunningNetwork } {
  return { network: { addresses: async () => addresses, lookup: async () => name } };
}

describe("the node's address", () => {
  const table: [
    situation: string,
    addresses: InterfaceAddress[],
    configured: string[],
    chosen: string | undefined,
  ][] = [
    ["the first IPv4 address", [ipv6("fd00::1"), ipv4("10.0.0.2"), ipv4("10.0.0.3")], [], "10.0.0.2"],
    [
      "platform Check 23: the first listed static address",
      [ipv4("10.0.0.2"), ipv4("10.0.0.9")],
      ["10.0.0.9/24", "10.0.0.2/24"],
      "10.0.0.9",
    ],
    ["a listed address counts only if the kernel has it", [ipv4("10.0.0.2")], ["10.0.0.9/24"], "10.0.0.2"],
    ["IPv6 where there is no IPv4", [ipv6("fd00::1")], ["fd00::0001/64"], "fd00::1"],
    [
      "a permanent IPv6 address before a temporary one",
      [ipv6("fd00::1", true), ipv6("fd00::2")],
      [],
      "fd00::2",
    ],
    ["never a link-local one", [ipv4("169.254.3.4"), ipv6("fe80::1")], [], undefined],
  ];
  for (const [situation, addresses, configured, chosen] of table) {
    it(situation, () => expect(nodeAddress(addresses, configured)).toBe(chosen));
  }

  it("is asked of the running network, not of an earlier boot", async () => {
    const root = hostWith({ [primaryName]: "eno1", "var/lib/netdog/current_ip": "10.0.0.7" });
    expect(await nodeIp(root, running([ipv4("10.0.0.2")]))).toBe("10.0.0.2");
    expect(await nodeIp(root, running([]))).toBe("10.0.0.7");
    put(root, "var/lib/bottlerocket/net.toml", "version = 1\n[eno1]\ndhcp4 = true\n");
    await generateNetConfig(root);
    expect(nodeIp(root, running([]))).rejects.toThrow(
      "The primary interface eno1 has no IP address beyond its own link",
    );
  });
});

describe("until the deadline the node's address is of a family that the primary interface requires", () => {
  const both = [ipv4("10.0.0.2"), ipv6("fd00::1")];
  const table: [
    situation: string,
    interfaceToml: string,
    addresses: InterfaceAddress[],
    chosen: string | undefined,
  ][] = [
    ["DHCPv4 is slower than a router's advertisement", "dhcp4 = true", [ipv6("fd00::1")], undefined],
    ["the IPv4 lease is there", "dhcp4 = true", both, "10.0.0.2"],
    [
      "both leases are required: IPv4 is preferred",
      "dhcp4 = true\ndhcp6 = true",
      [ipv6("fd00::1")],
      undefined,
    ],
    [
      "DHCPv4 is optional: IPv6, whichever comes first",
      "dhcp4 = { enabled = true, optional = true }\ndhcp6 = true",
      both,
      "fd00::1",
    ],
    [
      "nothing is required: any address",
      "dhcp4 = { enabled = true, optional = true }",
      [ipv6("fd00::1")],
      "fd00::1",
    ],
    ["a static IPv6 address is all there is", 'static6 = { addresses = ["fd00::1/64"] }', both, "fd00::1"],
  ];
  for (const [situation, interfaceToml, addresses, chosen] of table) {
    it(situation, async () => {
      const root = hostWith({ "var/lib/bottlerocket/net.toml": `version = 2\n[eno1]\n${interfaceToml}\n` });
      await generateNetConfig(root);
      const found = nodeIp(root, { ...running(addresses), accept: "required" });
      expect(await found.catch((error: { code: string }) => error.code)).toBe(chosen ?? "network/no-address");
    });
  }

  it("what was seen earlier in this boot is no exception", async () => {
    const root = hostWith({ "var/lib/bottlerocket/net.toml": "version = 2\n[eno1]\ndhcp4 = true\n" });
    await generateNetConfig(root);
    put(root, "var/lib/netdog/current_ip", "fd00::1");
    expect(nodeIp(root, { ...running([]), accept: "required" })).rejects.toThrow("has no IP address");
    expect(await nodeIp(root, { ...running([]), accept: "any" })).toBe("fd00::1");
  });
});

describe("IPv6 addresses of the kernel", () => {
  it("are those of the interface that are neither tentative nor failed", () => {
    const text = [
      "fe800000000000000000000000000001 02 40 20 80     eno1",
      "20010db8000000000000000000000009 02 40 00 00     eno1",
      "20010db800000000000000000000000a 02 40 00 40     eno1",
      "20010db800000000000000000000000b 02 40 00 21     eno1",
      "20010db800000000000000000000000c 03 40 00 00     eno2",
      "",
    ].join("\n");
    expect(ipv6Addresses(text, "eno1")).toEqual([
      ipv6("fe80::1"),
      ipv6("2001:db8::9"),
      { family: "ipv6", address: "2001:db8::b", deprecated: true, temporary: true },
    ]);
  });

  it("never throw when read", () => {
    fc.assert(fc.property(fc.string(), (text) => void ipv6Addresses(text, "")));
  });
});

describe("the node's hostname", () => {
  const rule = /^(?!.*[^0-9a-z.-])(?=.{1,253}$)[0-9a-z][0-9a-z-]{0,62}(\.[0-9a-z][0-9a-z-]{0,62})*$/;
  const table: [situation: string, address: string, looked: string | undefined, name: string][] = [
    ["what the lookup found, in lower case", "10.0.0.2", "Node-1.Example.", "node-1.example"],
    ["platform Check 29: the address where there is no name", "10.0.0.2", undefined, "10.0.0.2"],
    ["platform Check 29: an IPv6 address with - for its colons", "fd00::2", undefined, "fd00--2"],
    ["the address where the name is not acceptable", "10.0.0.2", "my_host", "10.0.0.2"],
  ];
  for (const [situation, address, looked, name] of table) {
    it(situation, () => expect(hostnameOf(address, looked)).toBe(name));
  }

  it("is acceptable for every address and whatever a name server answers", () => {
    const looked = fc.oneof(fc.string(), fc.domain(), fc.constant(undefined));
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), looked, (a, l) => expect(hostnameOf(a, l)).toMatch(rule)),
    );
  });

  it("tells whether the lookup found it", async () => {
    const root = hostWith({ [primaryName]: "eno1" });
    const addresses = [ipv4("10.0.0.2")];
    expect(await generateHostname(root, running(addresses, "a.b"))).toMatchObject({
      hostname: "a.b",
      found: true,
    });
    expect(await generateHostname(root, running(addresses))).toMatchObject({
      hostname: "10.0.0.2",
      found: false,
    });
  });

  it("is looked up with the lease's name servers where no others are known yet", async () => {
    const root = hostWith({
      [primaryName]: "eno1",
      "sys/class/net/eno1/ifindex": "2\n",
      "run/systemd/netif/leases/2": "DNS=10.0.0.3\n",
    });
    await generateHostname(root, running([ipv4("10.0.0.2")]));
    expect(read(root, "etc/resolv.conf")).toBe("nameserver 10.0.0.3\n");
  });

  it("is looked up with the name servers of the live settings, which no file has on a first boot", async () => {
    const root = hostWith({ [primaryName]: "eno1" });
    const dns = dnsOfSettings({ "name-servers": ["9.9.9.9", "x"], "search-list": ["a.example", 5] });
    await generateHostname(root, { ...running([ipv4("10.0.0.2")]), dns });
    expect(read(root, "etc/resolv.conf")).toBe("search a.example\nnameserver 9.9.9.9\n");
  });

  it("is searched in every domain that the setting accepts", async () => {
    // settings.md 6.3: a part may end with a hyphen.
    const root = hostWith({ [primaryName]: "eno1", "etc/netdog.toml": 'search-list = ["corp-", "a.b-"]\n' });
    await writeResolvConf(root, running([ipv4("10.0.0.2")]));
    expect(read(root, "etc/resolv.conf")).toBe("search corp- a.b-\n");
  });

  it("is set verbatim; the kernel gets the first label of one it cannot hold", async () => {
    const root = hostWith({ "proc/sys/kernel/hostname": "" });
    expect(await setHostname(root, "Node.example")).toBe("Node.example");
    expect(read(root, "proc/sys/kernel/hostname")).toBe("Node.example");
    expect(await setHostname(root, `abc.${"d".repeat(60)}`)).toBe(`abc.${"d".repeat(60)}`);
    expect(await setHostname(root, `abc.${"d".repeat(61)}`)).toBe("abc");
    expect(setHostname(root, "a b")).rejects.toThrow('Found the hostname "a b"');
    expect(setHostname(root, "")).rejects.toThrow('Found the hostname ""');
  });
});

describe("resolv.conf", () => {
  const lease =
    "# private\nADDRESS=10.0.0.5\nDNS=10.0.0.2 10.0.0.3 10.0.0.2\nDOMAIN_SEARCH_LIST=a.example b.example\nDOMAINNAME=c.example\n";
  const settings = (nameServers?: string[], searchList?: string[]) => ({ nameServers, searchList });
  const leased = dnsOfNetworkd({ link: "DNS=10.9.9.9\nDOMAINS=z\n", lease });

  it("platform Check 27: without settings follows the lease, in its order", () => {
    expect(resolvConf(settings(), leased)).toBe(
      "search a.example b.example\nnameserver 10.0.0.2\nnameserver 10.0.0.3\n",
    );
  });

  it("platform Check 28: a configured search list goes with the servers of the lease", () => {
    expect(resolvConf(settings([], ["x"]), leased)).toBe(
      "search x\nnameserver 10.0.0.2\nnameserver 10.0.0.3\n",
    );
  });

  it("rendered-config Check 39: configured servers go with the search list of the lease", () => {
    expect(resolvConf(settings(["9.9.9.9"]), leased)).toBe(
      "search a.example b.example\nnameserver 9.9.9.9\n",
    );
  });

  it("without an IPv4 lease follows what the link has", () => {
    const link = "# state\nDNS=2001:db8::1 fe80::1%eth0 bad\nDOMAINS=d.example ~e\n";
    expect(resolvConf(settings(), dnsOfNetworkd({ link, lease: undefined }))).toBe(
      "search d.example\nnameserver 2001:db8::1\nnameserver fe80::1%eth0\n",
    );
  });

  it("has nothing from a lease but whole lines of servers and domains", () => {
    const hostile = fc.array(
      fc.oneof(fc.constantFrom("DNS=", "DOMAIN_SEARCH_LIST=", "\n", "1.1.1.1 ", "a\u2028b"), fc.string()),
    );
    fc.assert(
      fc.property(hostile, (pieces) => {
        const text = resolvConf(settings(), dnsOfNetworkd({ link: undefined, lease: pieces.join("") }));
        expect(text).toMatch(/^(search( [A-Za-z0-9_.-]+)+\n)?(nameserver [0-9a-fA-F:.%_a-z-]+\n)*$/);
      }),
    );
  });

  const host = (files: Record<string, string> = {}) =>
    hostWith({
      [primaryName]: "eno1",
      "sys/class/net/eno1/ifindex": "2\n",
      "run/systemd/netif/leases/2": lease,
      ...files,
    });

  it("is written whole, with settings.dns and the lease, and the address of the moment is noted", async () => {
    const root = host({ "etc/netdog.toml": 'name-servers = ["9.9.9.9"]\n' });
    await writeResolvConf(root, running([ipv4("10.0.0.5")]));
    expect(read(root, "etc/resolv.conf")).toBe("search a.example b.example\nnameserver 9.9.9.9\n");
    expect(read(root, "var/lib/netdog/current_ip")).toBe("10.0.0.5");
    expect(readdirSync(join(root, "etc")).sort()).toEqual(["netdog.toml", "resolv.conf"]);
  });

  it("needs no settings, and says that there are none", async () => {
    const root = host({ "etc/netdog.toml": "" });
    expect((await writeResolvConf(root, running([]))).isConfigured).toBe(false);
    expect((await writeResolvConf(host(), running([]))).isConfigured).toBe(false);
  });

  it("has the settings alone on a host without a primary interface, or whose card is absent", async () => {
    const files = { "etc/netdog.toml": 'name-servers = ["9.9.9.9"]\nsearch-list = ["x.example"]\n' };
    const lo = { "sys/class/net/lo/address": "00:00:00:00:00:00\n" };
    for (const primary of [{}, { [primaryMac]: "f8:75:a4:d5:32:64" }]) {
      const root = hostWith({ ...files, ...lo, ...primary });
      expect(await writeResolvConf(root, running([]))).toEqual({ isConfigured: true, isChanged: true });
      expect(read(root, "etc/resolv.conf")).toBe("search x.example\nnameserver 9.9.9.9\n");
    }
  });

  it("counts as changed when the address came, though the configured name servers are the same", async () => {
    const root = host({ "etc/netdog.toml": 'name-servers = ["9.9.9.9"]\nsearch-list = ["x"]\n' });
    const write = async (...addresses: InterfaceAddress[]) =>
      (await writeResolvConf(root, running(addresses))).isChanged;
    const seen = [await write(), await write(), await write(ipv4("10.0.0.5")), await write(ipv4("10.0.0.5"))];
    expect(seen).toEqual([true, false, true, false]);
  });

  it("tells whether it changed", async () => {
    const root = host();
    expect((await writeResolvConf(root, running([]))).isChanged).toBe(true);
    expect((await writeResolvConf(root, running([]))).isChanged).toBe(false);
    put(root, "run/systemd/netif/leases/2", "DNS=10.0.0.9\n");
    expect((await writeResolvConf(root, running([]))).isChanged).toBe(true);
  });

  it("stays as it is when the settings file is malformed", async () => {
    const root = host({ "etc/netdog.toml": 'name-servers = ["x"]\n', "etc/resolv.conf": "old\n" });
    expect(writeResolvConf(root, running([]))).rejects.toThrow(
      '/etc/netdog.toml:1:17: name-servers[0]: found the text "x"; accepted: an IP address',
    );
    expect(read(root, "etc/resolv.conf")).toBe("old\n");
  });
});
