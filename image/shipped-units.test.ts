/** What the shipped units say, where saying something else has stopped a boot, lost a disk's space or hidden a fault. */
import { describe, expect, it } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { programs } from "../host/programs/index.ts";
import { readUnitLinks } from "./units.ts";

const SHARED = join(import.meta.dirname, "../variants/shared");
const unit = (path: string) => readFileSync(join(SHARED, "units", path), "utf8").split("\n");
/** The words of every line `KEY=…` of a unit. */
const words = (path: string, key: string) =>
  unit(path)
    .filter((line) => line.startsWith(`${key}=`))
    .flatMap((line) => line.slice(key.length + 1).split(" "));

describe("a unit that starts one of our programs", () => {
  const own = new Set([...programs.keys()].map((name) => `/usr/bin/${name}`));
  const units = readdirSync(join(SHARED, "units/base"))
    .filter((file) => file.endsWith(".service"))
    .filter((file) => words(`base/${file}`, "ExecStart").some((word) => own.has(word)));

  it("denies it memory that is both writable and executable", () => {
    expect(units.length).toBeGreaterThan(8);
    for (const file of units) {
      const said = words(`base/${file}`, "MemoryDenyWriteExecute");
      expect({ file, said }).toEqual({ file, said: ["yes"] });
    }
  });

  it("gets the runtime without its compiler, which could not run so", () => {
    const manager = readFileSync(
      join(SHARED, "files/base/usr/lib/systemd/system.conf.d/pinwheel.conf"),
      "utf8",
    );
    expect(manager).toMatch(/^DefaultEnvironment=.* BUN_JSC_useJIT=0$/m);
  });
});

describe("the data partition", () => {
  it("grows on the disk behind /local: without a name it is the disk under the root, which may be another", () => {
    const [repart = ""] = unit("base/repart-local.service").filter((line) =>
      line.includes("systemd-repart "),
    );
    expect(repart).toEndWith(" /local");
  });
});

describe("a boot that counts as good", () => {
  const good = "base/mark-successful-boot.service";

  it("has its services up at that moment: bound to, and after, each of them", () => {
    const services = ["apiserver.service", "chronyd.service", "systemd-networkd.service"];
    expect(words(good, "BindsTo")).toEqual(services);
    for (const service of services) expect(words(good, "After")).toContain(service);
  });

  it("has the container runtime up, in variants with one", () => {
    const dropIn = "containers/mark-successful-boot.service.d/containers.conf";
    expect(words(dropIn, "Requires")).toEqual(["containerd.service"]);
    expect(words(dropIn, "After")).toEqual(["containerd.service"]);
  });

  it("is one in which the image did its duty, whatever became of the user data", () => {
    expect(words(good, "ConditionPathExists")).toEqual(["/run/pinwheel/configured"]);
    expect(words(good, "After")).toContain("settings-applier.service");
    expect(words(good, "Requires")).toContain("configured.target");
  });

  it("updates 4: is one whose settings were brought to its version, which is known by then", () => {
    expect(words(good, "Requires")).toContain("migrator.service");
    expect(words(good, "After")).toContain("migrator.service");
  });

  it("has its migrations behind it, and takes as long as its health checks may", () => {
    expect(words(good, "After")).toContain("migrator.service");
    expect(words(good, "ExecStart")).toEqual(["/usr/bin/mark-boot-if-healthy"]);
    expect(words(good, "TimeoutStartSec")).toEqual(["infinity"]);
  });

  it("cannot come any more when the settings could not be opened: an update on trial goes back at once", () => {
    expect(words("base/storewolf.service", "OnFailure")).toEqual(["fall-back-if-unproven.service"]);
  });

  it("has settled the last update before anybody can ask for another, where there is one to settle", () => {
    const settle = "base/settle-update.service";
    expect(words(settle, "Before")).toContain("apiserver.service");
    expect(words(settle, "ConditionPathExists")).toEqual(["/var/lib/bottlerocket/update/attempt.json"]);
  });

  it("is marked after the data partition has grown: both write the partition table", () => {
    expect(words(good, "After")).toContain("repart-local.service");
  });
});

describe("updates 4: the settings", () => {
  it("are read after they were brought to the version that starts, and by nobody if they could not be", () => {
    for (const key of ["Requires", "After"]) {
      expect(words("base/storewolf.service", key)).toContain("migrator.service");
      expect(words("base/apiserver.service", key)).toContain("storewolf.service");
    }
    const links = readFileSync(join(SHARED, "units/base.toml"), "utf8");
    expect(
      readUnitLinks(links, "base.toml").links.get("preconfigured.target.requires/migrator.service"),
    ).toBe("migrator.service");
  });

  it("updates 11.3: are brought by the copy of the repository that the update left, and the image's own root role", () => {
    const command = words("base/migrator.service", "ExecStart").join(" ");
    expect(command).toBe(
      "/usr/bin/migrator --datastore-path /var/lib/bottlerocket/datastore/current" +
        " --migration-directory /var/lib/bottlerocket-migrations --root-path /usr/share/updog/root.json" +
        " --metadata-directory /var/cache/bottlerocket-metadata --migrate-to-version-from-os-release",
    );
  });
});

describe("the hostname", () => {
  it("can be changed later whatever failed before: its unit needs neither settings nor a name", () => {
    expect(words("base/set-hostname.service", "Requires")).toEqual([]);
    expect(words("base/set-hostname.service", "After")).toEqual([
      "settings-applier.service",
      "multi-user.target",
    ]);
    expect(words("base/set-hostname.service", "EnvironmentFile")).toEqual(["-/etc/network/hostname.env"]);
    expect(words("base/set-hostname.service", "Environment")).toContain("HOSTNAME=localhost");
  });
});

describe("the container runtime", () => {
  it("does not start when settings could not be applied, nor without a network configuration (Checks 22, 39)", () => {
    expect(words("containers/containerd.service", "ConditionPathExists")).toEqual([
      "/run/pinwheel/configured",
    ]);
    expect(words("containers/containerd.service", "ConditionPathExistsGlob")).toEqual([
      "/etc/systemd/network/*.network",
    ]);
  });

  it("uses the proxy of the settings", () => {
    expect(words("containers/containerd.service", "EnvironmentFile")).toEqual(["-/etc/network/proxy.env"]);
  });
});

describe("what waits for the end of the boot", () => {
  for (const name of ["prepare-boot", "systemd-logind", "systemd-pstore", "coldplug-rest"]) {
    it(`${name} is after multi-user and part of it`, () => {
      expect(words(`base/${name}.service`, "After")).toContain("multi-user.target");
      const { links } = readUnitLinks(unit("base.toml").join("\n"), "base.toml");
      expect([...links.keys()]).toContain(`multi-user.target.wants/${name}.service`);
    });
  }
});

describe("the rule for disks that hold nothing to keep (Check 25)", () => {
  const rule = readFileSync(
    join(SHARED, "files/base/usr/lib/udev/rules.d/80-ephemeral-storage.rules"),
    "utf8",
  );

  it("starts a program only for disks whose model or serial number allows a name", () => {
    const ask = rule.indexOf("IMPORT{program}");
    expect(ask).toBeGreaterThan(rule.indexOf('ENV{.EPHEMERAL_NAME}!="?*", GOTO='));
    expect(rule.slice(0, ask)).toContain('KERNEL=="vd*", ENV{ID_SERIAL}=="eph*"');
    expect(rule.slice(0, ask)).toContain('ATTRS{model}=="Amazon EC2 NVMe Instance Storage*"');
  });

  it("lets the program run where memory must not be made executable", () => {
    expect(rule.indexOf('ENV{BUN_JSC_useJIT}="0"')).toBeLessThan(rule.indexOf("IMPORT{program}"));
    expect(rule).toContain('ENV{BUN_JSC_useJIT}="0"\n');
  });
});

describe("containers 6: the units of host and bootstrap containers", () => {
  const at = (name: string) => `host-containers/${name}.service`;
  const host = at("host-containers@");
  const bootstrap = at("bootstrap-containers@");

  it("a bootstrap container runs before configured.target, once a boot at most", () => {
    expect(words(bootstrap, "Before")).toEqual(["configured.target"]);
    expect(words(bootstrap, "After")).toEqual(["host-containerd.service"]);
    expect(words(bootstrap, "ConditionPathExists")).toEqual(["!/run/bootstrap-containers/%i.ran"]);
    expect(unit(bootstrap).find((line) => line.startsWith("ExecStart="))).toBe(
      "ExecStart=/usr/bin/touch /run/bootstrap-containers/%i.ran",
    );
    expect(words(bootstrap, "RefuseManualStop")).toEqual(["yes"]);
  });

  it("no host container runs before all bootstrap containers are done, or where an essential one failed", () => {
    expect(words(host, "After")).toContain("configured.target");
    expect(words(host, "Requires")).toEqual(["configured.target"]);
    expect(words(host, "WantedBy")).toEqual(["multi-user.target"]);
  });

  it("a host container starts again 45 s after it has ended, however it did", () => {
    expect([...words(host, "Restart"), ...words(host, "RestartSec")]).toEqual(["always", "45"]);
  });

  it("a host container gets its limits, and none where the environment file has none", () => {
    const limits = ["MEMORY", "CPU", "PIDS"];
    expect(words(host, "Environment")).toEqual(limits.map((name) => `CTR_${name}=`));
    const flags = limits.map((name) => `--${name.toLowerCase()}=\${CTR_${name}}`);
    expect(words(host, "ExecStart").filter((word) => flags.includes(word))).toEqual(flags);
  });

  it("containers outlive a restart of their runtime, which has its own configuration", () => {
    expect(words(at("host-containerd"), "KillMode")).toEqual(["process"]);
    expect(words(at("host-containerd"), "ExecStart")).toEqual([
      ...["/usr/bin/containerd", "--config", "/etc/host-containerd/config.toml"],
    ]);
  });

  it("what the containers mount to reach the API is made at boot, and the API server is told to be there", () => {
    const made = readFileSync(
      join(SHARED, "files/host-containers/usr/lib/tmpfiles.d/host-containers.conf"),
      "utf8",
    );
    expect(made).toContain("L+ /run/pinwheel/container-run/api.sock - - - - api/api.sock");
    expect(words("base/apiserver.service", "ExecStart").join(" ")).toContain("--socket-directory /run/api");
  });
});
