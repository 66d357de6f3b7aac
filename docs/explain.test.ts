import { describe, expect, test } from "bun:test";
import { explain } from "./explain.ts";
import { sample } from "./testing.ts";

describe("a setting explained", () => {
  test("has type, rule, defaults, effects, variants and examples", () => {
    expect(explain("ntp.time-servers", sample)).toBe(`settings.ntp.time-servers
The time servers, by host name or address.

Type      list
Accepted  a list, each item a string that is a host name or an IP address, without scheme and port
Default   ["time.example.com"] (metal-k8s-1.24)
A change  ntp: writes /etc/chrony.conf; runs /bin/systemctl restart chronyd.service
In        *-k8s-*

As user data:
  [settings.ntp]
  time-servers = [ "time.example.com", "192.0.2.123" ]

As a command:
  apiclient set 'ntp.time-servers=["time.example.com","192.0.2.123"]'
`);
  });
  test("for one variant tells nothing of others", () => {
    const text = explain("host-containers.NAME.source", sample, "metal-k8s-1.24");
    expect(text).toContain('Default   settings.host-containers.admin.source = "public/admin:1"\n');
    expect(text).not.toContain("ecr/");
  });
  test("under a name that users chose is the same as under NAME", () => {
    const text = explain("settings.host-containers.NAME.source", sample);
    expect(explain("host-containers.admin.source", sample)).toBe(text);
    expect(text).toContain("NAME      a name of 1 to 76 characters A-Z a-z 0-9 -\n");
  });
  test("under another of its names is the same", () => {
    expect(explain("container-registry.creds", sample)).toBe(
      explain("container-registry.credentials", sample),
    );
  });
  test("that needs a reboot is told why, and whether for some changes only", () => {
    expect(explain("boot.kernel", sample)).toContain("Reboot       Only the next boot is started with it.\n");
    expect(explain("kernel.lockdown", sample)).toContain(
      "Reboot    For some changes: The running kernel cannot be opened again; it is started with the lower level.\n",
    );
  });
  test("that is a map lists what is below its names, tables in them too", () => {
    const [, list = ""] = explain("host-containers", sample).split("Below it:\n");
    expect(list.split("\n").map((line) => line.trim().split(/ {2,}/)[0])).toEqual([
      ...["NAME", "NAME.source", "NAME.enabled", "NAME.superpowered", "NAME.user-data"],
      ...["NAME.limits", "NAME.limits.memory", "NAME.limits.cpu", "NAME.limits.pids", ""],
    ]);
  });
  test("that is a group lists what is below it", () => {
    expect(explain("ntp", sample)).toContain("Below it:\n  time-servers  list: The time servers, ");
    expect(explain("settings", sample).split("\n")).toHaveLength(sample.groups.length + 1);
  });
});

describe("a key that is not there", () => {
  const table: [key: string, message: string, hint: RegExp][] = [
    [
      "ntp.time-server",
      'There is no setting settings.ntp.time-server: unknown name "time-server" (did you mean "time-servers"?)',
      /explain settings/,
    ],
    [
      "time-servers",
      'There is no setting settings.time-servers: unknown name "time-servers"',
      /^Did you mean settings.ntp.time-servers\?$/,
    ],
    ["motd.x", "There is no setting settings.motd.x: settings.motd has nothing below it", /explain settings/],
    [
      "host-containers.a_b.source",
      'There is no setting settings.host-containers.a_b.source: the name "a_b" cannot stand there: the character "_" is not allowed',
      /^Did you mean settings.host-containers.NAME.source/,
    ],
    ["a..b", "There is no setting a..b: it has an empty segment", /explain settings/],
  ];
  for (const [key, message, hint] of table) {
    test(`is told, with what was meant: ${key}`, () => {
      try {
        explain(key, sample);
        expect.unreachable();
      } catch (error) {
        expect(error).toMatchObject({ message, hint: expect.stringMatching(hint) });
      }
    });
  }
  test("in this variant is told with those that have it", () => {
    expect(() => explain("ntp", sample, "aws-dev")).toThrow(
      'There is no setting settings.ntp: variant aws-dev has no group "ntp". *-k8s-* have it',
    );
  });
});
