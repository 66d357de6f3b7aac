/** The files that every variant has (specification "rendered-config" 6). */
import { describe, expect, test } from "bun:test";
import type { FileFormat } from "../settings/index.ts";
import { readers, render } from "./testing-templates.ts";

describe("the files of the common services", () => {
  const hosts = [
    ["10.0.0.1", ["a.b", "a"]],
    ["127.0.0.1", ["x"]],
    ["10.0.0.1", ["c"]],
    ["0:0:0:0:0:0:0:1", ["six"]],
  ];
  const localhost4 = "127.0.0.1 localhost localhost.localdomain localhost4 localhost4.localdomain4 ";
  const localhost6 = "::1 localhost localhost.localdomain localhost6 localhost6.localdomain6 ";
  const updates = {
    "metadata-base-url": "https://u.example/m/?a=1&b='2'",
    "targets-base-url": "https://u.example/t/",
    seed: 812,
    "version-lock": "latest",
    "ignore-waves": false,
  };
  const updog = `metadata_base_url = "https://u.example/m/?a=1&b='2'"
targets_base_url = "https://u.example/t/"
seed = 812
version_lock = "latest"
ignore_waves = false
`;
  const chrony =
    "driftfile /var/lib/chrony/drift\nmakestep 1.0 3\ndumponexit\ndumpdir /var/lib/chrony\nuser chrony\nrtcsync\n";

  const table: [situation: string, template: string, format: FileFormat, settings: object, text: string][] = [
    ["the motd is followed by one newline", "motd", "text", { motd: "hello" }, "hello\n"],
    [
      "Check 44: a motd keeps its quotes, ampersands and lines",
      "motd",
      "text",
      { motd: 'it\'s <a> & "b" = `c`\n2' },
      'it\'s <a> & "b" = `c`\n2\n',
    ],
    [
      "the hostname is one assignment",
      "hostname-env",
      "env",
      { network: { hostname: "node-7.lan" } },
      "HOSTNAME=node-7.lan\n",
    ],
    [
      "hosts without entries end with an empty line",
      "hosts",
      "words",
      { network: { hostname: "n" } },
      `${localhost4}\n${localhost6}\n\n\n`,
    ],
    [
      "Check 38: entries of one address are merged, loopback ones go to the loopback lines",
      "hosts",
      "words",
      { network: { hostname: "n", hosts } },
      `${localhost4}x\n${localhost6}six\n\n10.0.0.1 a.b a c\n`,
    ],
    [
      "Check 37: without a proxy only the exceptions are written",
      "proxy-env",
      "env",
      {},
      "NO_PROXY=localhost,127.0.0.1\nno_proxy=localhost,127.0.0.1\n",
    ],
    [
      "a proxy comes in both spellings, its exceptions before ours",
      "proxy-env",
      "env",
      { network: { "https-proxy": "http://p.lan:3128/?x=1&y", "no-proxy": ["10.0.0.0/8", ".lan"] } },
      "HTTPS_PROXY=http://p.lan:3128/?x=1&y\nhttps_proxy=http://p.lan:3128/?x=1&y\nNO_PROXY=10.0.0.0/8,.lan,localhost,127.0.0.1\nno_proxy=10.0.0.0/8,.lan,localhost,127.0.0.1\n",
    ],
    ["without DNS settings the file is empty", "netdog-toml", "toml", {}, ""],
    [
      "an empty list counts as unset",
      "netdog-toml",
      "toml",
      { dns: { "name-servers": [], "search-list": ["a.lan"] } },
      'search-list = ["a.lan"]\n',
    ],
    [
      "both DNS settings are lists of strings",
      "netdog-toml",
      "toml",
      { dns: { "name-servers": ["192.0.2.1", "fd00::1"], "search-list": ["a"] } },
      'name-servers = ["192.0.2.1", "fd00::1"]\nsearch-list = ["a"]\n',
    ],
    [
      "each time server is a pool, in order",
      "chrony-conf",
      "words",
      { ntp: { "time-servers": ["z.lan", "a.lan"] } },
      `pool z.lan iburst\npool a.lan iburst\n${chrony}`,
    ],
    ["no time server is possible", "chrony-conf", "words", { ntp: { "time-servers": [] } }, chrony],
    [
      "Check 40: modules that are not allowed are not installed, sorted",
      "modprobe-conf",
      "words",
      {
        kernel: {
          modules: { udp_tunnel: { allowed: true }, sctp: { allowed: false }, dccp: { allowed: false } },
        },
      },
      "install dccp /bin/true\ninstall sctp /bin/true\n",
    ],
    ["without module settings the file is empty", "modprobe-conf", "words", {}, ""],
    ["the updater's file has all five values", "updog-toml", "toml", { updates }, updog],
    [
      "the updater's file has the proxy, and exceptions unless empty",
      "updog-toml",
      "toml",
      { updates, network: { "https-proxy": 'p"q', "no-proxy": [] } },
      `${updog}https_proxy = "p\\"q"\n`,
    ],
  ];
  for (const [situation, template, format, settings, text] of table) {
    test(`${template}: ${situation}`, () => expect(render(template, format, settings)).toBe(text));
  }

  test("Check 38: a hostname that nothing answers for stands on both loopback lines, before the given names", () => {
    const text = render("hosts", "words", { network: { hostname: "n", hosts } }, { hostnameResolves: false });
    expect(text.split("\n").slice(0, 2)).toEqual([`${localhost4}n x`, `${localhost6}n six`]);
  });
  test("a hostname that an entry lists is not added to the loopback lines", () => {
    const text = render("hosts", "words", { network: { hostname: "c", hosts } }, { hostnameResolves: false });
    expect(text.split("\n").slice(0, 2)).toEqual([`${localhost4}x`, `${localhost6}six`]);
  });

  const proxied: [situation: string, settings: object, exceptions: string][] = [
    [
      "the cluster's server and domain, after the given ones",
      {
        network: { "no-proxy": ["10.0.0.0/8"] },
        kubernetes: { "api-server": "https://k.example:6443", "cluster-domain": "cluster.local" },
      },
      "10.0.0.0/8,localhost,127.0.0.1,k.example,.cluster.local",
    ],
    [
      "an IPv6 server in its brackets",
      { kubernetes: { "api-server": "https://u:p@[fd00::1]:6443/x" } },
      "localhost,127.0.0.1,[fd00::1]",
    ],
    [
      "a server without a scheme as it is: the reference's containerd does not start then",
      { kubernetes: { "api-server": "localhost:8080" } },
      "localhost,127.0.0.1,localhost:8080",
    ],
    ["no given ones from an empty list", { network: { "no-proxy": [] } }, "localhost,127.0.0.1"],
  ];
  for (const [situation, settings, exceptions] of proxied) {
    test(`proxy-env: the exceptions have ${situation}`, () => {
      expect(readers.env(render("proxy-env", "env", settings))).toEqual({
        NO_PROXY: exceptions,
        no_proxy: exceptions,
      });
    });
  }
  test("Check 44: a proxy's address keeps its quotes, ampersands and equal signs", () => {
    const proxy = "http://u:p'&=$\"@p.lan/?a=1&b=2";
    expect(readers.env(render("proxy-env", "env", { network: { "https-proxy": proxy } }))).toMatchObject({
      HTTPS_PROXY: proxy,
      https_proxy: proxy,
    });
  });

  const metrics = {
    "metrics-url": "https://m.example/?a=1&b",
    "send-metrics": false,
    "service-checks": ["a"],
  };
  for (const [aws, region] of [
    [{}, "global"],
    [{ aws: { region: "eu-west-1" } }, "eu-west-1"],
  ] as const) {
    test(`metricdog-toml: has all seven values, and the region is ${region}`, () => {
      expect(readers.toml(render("metricdog-toml", "toml", { metrics, updates, ...aws }))).toEqual({
        metrics_url: "https://m.example/?a=1&b",
        send_metrics: false,
        service_checks: ["a"],
        region,
        seed: 812,
        version_lock: "latest",
        ignore_waves: false,
      });
    });
  }
  test("cfsignal-toml: has all three values, empty ones too", () => {
    const cloudformation = { "should-signal": false, "stack-name": "", "logical-resource-id": "a" };
    expect(readers.toml(render("cfsignal-toml", "toml", { cloudformation }))).toEqual({
      should_signal: false,
      stack_name: "",
      logical_resource_id: "a",
    });
  });
  for (const name of ["config", "credentials"]) {
    test(`aws-${name}: is the decoded text to the byte, and empty when unset`, () => {
      const text = "\ufeff[default]\nkey = 'ä'\r\n ";
      const encoded = Buffer.from(text).toString("base64");
      expect(render(`aws-${name}`, "verbatim", { aws: { [name]: encoded } })).toBe(text);
      expect(render(`aws-${name}`, "verbatim", { aws: { [name]: "" } })).toBe("");
      expect(render(`aws-${name}`, "verbatim", {})).toBe("");
    });
  }

  const needed: [template: string, format: FileFormat, settings: object, message: string][] = [
    [
      "motd",
      "text",
      {},
      "The template motd cannot be rendered: undefined variable: settings.motd, line:1, col:4",
    ],
    [
      "hostname-env",
      "env",
      { network: {} },
      "The template hostname-env cannot be rendered: undefined variable: settings.network.hostname, line:1, col:13",
    ],
    [
      "hosts",
      "words",
      { network: { hosts: [] } },
      "The template hosts cannot be rendered: loopback_aliases: settings.network.hostname is not set, line:2, col:1",
    ],
    [
      "chrony-conf",
      "words",
      {},
      "The template chrony-conf cannot be rendered: undefined variable: settings.ntp, line:1, col:19",
    ],
    [
      "updog-toml",
      "toml",
      { updates: { ...updates, seed: undefined } },
      "The template updog-toml cannot be rendered: undefined variable: settings.updates.seed, line:3, col:11",
    ],
  ];
  for (const [template, format, settings, message] of needed) {
    test(`${template}: a setting that must be set is named when it is not`, () => {
      expect(() => render(template, format, settings)).toThrow(message);
    });
  }
});
