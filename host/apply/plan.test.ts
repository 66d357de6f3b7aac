import { describe, expect, test } from "bun:test";
import {
  allRestarts,
  byWritten,
  changedSettings,
  commandWords,
  filesDigest,
  filesOf,
  keysByService,
  neededRestarts,
  needsDaemonReload,
  type RenderedFile,
  type Service,
  unitOfTryRestart,
} from "./plan.ts";

const service = (name: string, configurationFiles: string[], ...restartCommands: string[]): Service => ({
  name,
  configurationFiles,
  restartCommands,
});
const file = (name: string, text: string): RenderedFile => ({ name, path: `/etc/${name}`, text });

const ntp = service("ntp", ["chrony"], "/bin/systemctl try-restart chronyd.service");
const docker = service("docker", ["proxy"], "/bin/systemctl try-restart docker.service");
const containerd = service("containerd", ["proxy"], "/bin/systemctl try-restart containerd.service");
const hostContainers = service("host-containers", ["proxy"], "/usr/bin/host-containers");
const ecs = service(
  "ecs",
  ["proxy"],
  "/usr/bin/ecs-settings-applier",
  "/bin/systemctl try-reload-or-restart ecs.service",
);
const motd = service("motd", ["proxy"]);
const sysctl = service("sysctl", [], "/usr/bin/corndog sysctl");

test("a service is told all changed keys that affect it, and no other", () => {
  const affected = new Map([
    ["settings.b", ["two", "one"]],
    ["settings.a", ["two", "two"]],
  ]);
  expect(keysByService(affected)).toEqual(
    new Map([
      ["one", ["settings.b"]],
      ["two", ["settings.a", "settings.b"]],
    ]),
  );
});

test("a file that several services have is rendered once", () => {
  expect(filesOf([docker, containerd, ntp, sysctl])).toEqual(["chrony", "proxy"]);
});

test("a service with a file that could not be written is set apart, whichever of its files that is", () => {
  const both = service("both", ["chrony", "proxy"]);
  const split = byWritten(
    [ntp, docker, both, sysctl],
    [file("chrony", "new"), file("proxy", "new")],
    new Set(["/etc/proxy"]),
  );
  expect(split).toEqual({ written: [ntp, sysctl], unwritten: [docker, both] });
});

test("a command is parted at every single space", () => {
  expect(commandWords("a b  c ")).toEqual(["a", "b", "", "c", ""]);
});

test("unit files are those below /etc/systemd/", () => {
  expect(needsDaemonReload(new Set(["/etc/motd", "/etc/systemd/system/x.service"]))).toBe(true);
  expect(needsDaemonReload(new Set(["/etc/systemdx", "/x/etc/systemd/y"]))).toBe(false);
});

test("commands are told the changed keys, or nothing in all mode and when the list is too long to be passed", () => {
  expect(changedSettings(["settings.a", 'settings.b."c.d"'])).toEqual({
    CHANGED_SETTINGS: 'settings.a settings.b."c.d"',
  });
  expect(changedSettings(undefined)).toEqual({});
  expect(changedSettings(["x".repeat(100 * 1024)])).toEqual({ CHANGED_SETTINGS: "x".repeat(100 * 1024) });
  expect(changedSettings(["x".repeat(100 * 1024 + 1)])).toEqual({});
});

test("commands that write state come before those that restart units", () => {
  const names = allRestarts([docker, containerd, sysctl, ntp]).map((restart) => restart.service.name);
  expect(names).toEqual(["sysctl", "containerd", "docker", "ntp"]);
  expect(allRestarts([ntp])[0]?.changedKeys).toBeUndefined();
});

test("with a new proxy the runtime is restarted before containers are started in it", () => {
  const runtime = service("host-containerd", ["proxy"], "/bin/systemctl try-restart host-containerd.service");
  const names = allRestarts([hostContainers, sysctl, runtime]).map((restart) => restart.service.name);
  expect(names).toEqual(["sysctl", "host-containerd", "host-containers"]);
});

test("commands that restart a unit only if it runs are known by their verb", () => {
  expect(unitOfTryRestart("/bin/systemctl try-restart a.service")).toBe("a.service");
  expect(unitOfTryRestart("/usr/bin/systemctl try-reload-or-restart a@b.service")).toBe("a@b.service");
  for (const command of [
    "/bin/systemctl restart a.service",
    "/bin/systemctl try-restart a.service b.service",
    "/opt/bin/systemctl try-restart a.service",
    "corndog sysctl",
  ]) {
    expect(unitOfTryRestart(command)).toBeUndefined();
  }
});

describe("a service is restarted after specific keys changed", () => {
  const rendered = [file("chrony", "now"), file("proxy", "now")];
  const applied = (of: Service, text: string): [string, string] => [
    of.name,
    filesDigest(of, [file("chrony", text), file("proxy", text)]),
  ];
  const table: [
    situation: string,
    of: Service,
    written: string[],
    applied: [string, string][],
    restarted: boolean,
  ][] = [
    ["if one of its files was written", ntp, ["/etc/chrony"], [applied(ntp, "now")], true],
    ["not if its files are as it was last restarted with", ntp, [], [applied(ntp, "now")], false],
    ["not if only another service's file was written", ntp, ["/etc/proxy"], [applied(ntp, "now")], false],
    [
      "if another run has written the file that it shares",
      docker,
      [],
      [applied(docker, "before"), applied(containerd, "now")],
      true,
    ],
    ["if its last restart failed, which left no record", docker, [], [applied(containerd, "now")], true],
    ["always, if it has no files", sysctl, [], [applied(sysctl, "now")], true],
    [
      "always, if its command reads settings and changed keys itself",
      hostContainers,
      [],
      [applied(hostContainers, "now")],
      true,
    ],
    ["always, if one of its commands does", ecs, [], [applied(ecs, "now")], true],
    ["not if it has no commands and its files are the same", motd, [], [applied(motd, "now")], false],
  ];
  for (const [situation, of, written, record, restarted] of table) {
    test(situation, () => {
      const keys = new Map([[of.name, ["settings.k"]]]);
      const restarts = neededRestarts([of], keys, rendered, new Set(written), new Map(record));
      expect(restarts).toEqual(restarted ? [{ service: of, changedKeys: ["settings.k"] }] : []);
    });
  }
});
