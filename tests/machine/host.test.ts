/** One host from its first boot to its shutdown: user data, settings, files, kernel, reboot, growth of the disk. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { truncate } from "node:fs/promises";
import type { Machine } from "../../lab/index.ts";
import { flags, partition, tableReport } from "../disk.ts";
import { newMachine, output, powerOn, setting, short, testImage } from "../lab.ts";
import { etcAndState, kernelValues, links, mounts } from "./expected.ts";

const USER_DATA = `
[settings]
motd = "From user data"

[settings.network]
hostname = "wheel-7.example.com"
hosts = [["10.9.8.7", ["registry.example.com", "registry"]]]

[settings.ntp]
time-servers = ["ntp-1.example.com", "ntp-2.example.com"]

[settings.dns]
name-servers = ["192.0.2.53", "192.0.2.54"]
search-list = ["example.com", "example.net"]

[settings.kernel.sysctl]
"vm.swappiness" = "17"
"net/ipv4/ip_default_ttl" = "99"

[settings.kernel.modules.sctp]
allowed = false
`;
const GROWTH_BYTES = 1024 ** 3;
const LEFT_FREE_BYTES = 1028096; // specification "os-image" 2.8

let host: Machine;
const read = (file: string) => output(host, `cat ${file}`);

beforeAll(async () => {
  host = await newMachine("test-host", { userData: USER_DATA });
  await host.waitForApi();
  await host.waitForBoot();
}, 900_000);

afterAll(() => host?.stop(), 120_000);

describe("a first boot", () => {
  it("is made by UEFI firmware, and the boot selector tells on the console which set it starts", async () => {
    expect((await host.ask("test -d /sys/firmware/efi")).exitCode).toBe(0);
    expect(await host.consoleText()).toMatch(/set A/i);
  });

  it("runs from the verified root: the kernel's root is a dm-verity device", async () => {
    expect(await read("/sys/block/dm-0/dm/name")).toBe("root\n");
    expect(await read("/sys/block/dm-0/ro")).toBe("1\n");
    // The root and the hash partition of set A.
    expect(await output(host, "ls /sys/block/dm-0/slaves")).toBe("vda4\nvda5\n");
    expect(await output(host, "findmnt -n -o FSTYPE,OPTIONS /")).toMatch(/^erofs +ro/);
  });

  it("os-image Check 22: reaches all three targets, and multi-user is the default", async () => {
    const targets = "preconfigured.target configured.target multi-user.target";
    expect(await output(host, `systemctl is-active ${targets}`)).toBe("active\nactive\nactive\n");
    expect(await output(host, "systemctl get-default")).toBe("multi-user.target\n");
  });

  it("leaves no unit failed", async () => {
    expect(await output(host, "systemctl list-units --failed --no-legend --plain")).toBe("");
  });

  it("is marked as good once its services are up", async () => {
    await host.waitUntil("systemctl is-active mark-successful-boot.service", 60_000);
    expect(await output(host, "signpost status")).toMatch(/^Set A:.*successful=true/m);
  });

  it("has a report in which every step of the configuration is done or had nothing to do", async () => {
    const report = JSON.parse(await output(host, "apiclient get /boot/report"));
    expect(report.steps.map((step: { outcome: string }) => step.outcome)).not.toContain("failed");
    expect(report.steps.find((step: { name: string }) => step.name === "user-data").outcome).toBe("done");
  });

  it("os-image Check 33: names itself in os-release", async () => {
    const release = await read("/etc/os-release");
    expect(release).toMatch(/^NAME=Pinwheel$/m);
    expect(release).toMatch(/^ID=pinwheel$/m);
    expect(release).toMatch(/^VARIANT_ID=metal-dev$/m);
    expect(release).toMatch(/^VERSION_ID=\d+\.\d+\.\d+$/m);
    expect(release).toMatch(/^BUILD_ID=\S+$/m);
    expect(release).toMatch(/^PRETTY_NAME="Pinwheel.* \(metal-dev\)"$/m);
  });
});

describe("user data of the first boot", () => {
  it("is in the settings", async () => {
    expect(await setting(host, "settings.motd")).toBe("From user data");
    expect(await setting(host, "settings.network.hostname")).toBe("wheel-7.example.com");
    expect(await setting(host, 'settings.kernel.sysctl."vm.swappiness"')).toBe("17");
  });

  it("is in the message of the day", async () => {
    expect(await read("/etc/motd")).toBe("From user data\n");
  });

  it("is the kernel's host name", async () => {
    expect((await read("/proc/sys/kernel/hostname")).trim()).toBe("wheel-7.example.com");
  });

  it("is in /etc/hosts, after the loopback lines", async () => {
    const hosts = await read("/etc/hosts");
    expect(hosts).toMatch(/^127\.0\.0\.1 localhost .*wheel-7\.example\.com/m);
    expect(hosts).toMatch(/^::1 localhost .*wheel-7\.example\.com/m);
    expect(hosts).toMatch(/^10\.9\.8\.7 registry\.example\.com registry$/m);
    expect(await output(host, "getent hosts registry")).toStartWith("10.9.8.7");
  });

  it("is in the kernel: sysctls in dotted and in slash form", async () => {
    expect(await read("/proc/sys/vm/swappiness")).toBe("17\n");
    expect(await read("/proc/sys/net/ipv4/ip_default_ttl")).toBe("99\n");
  });

  it("is in chrony's configuration, and chronyd runs with it", async () => {
    const servers = (await read("/etc/chrony.conf")).match(/^pool .*$/gm);
    expect(servers).toEqual(["pool ntp-1.example.com iburst", "pool ntp-2.example.com iburst"]);
    expect(await output(host, "systemctl is-active chronyd")).toBe("active\n");
  });

  it("is in resolv.conf: configured name servers and search list win over those of the lease", async () => {
    await host.waitUntil("grep -q nameserver /etc/resolv.conf", 60_000);
    const lines = (await read("/etc/resolv.conf")).trim().split("\n");
    expect(lines[0]).toBe("search example.com example.net");
    expect(lines.slice(1).sort()).toEqual(["nameserver 192.0.2.53", "nameserver 192.0.2.54"]);
  });

  it("keeps a module from being loaded that is not allowed", async () => {
    expect(await read("/etc/modprobe.d/modprobe.conf")).toBe("install sctp /bin/true\n");
  });
});

describe("the network", () => {
  it("has an address and a default route by DHCP on the card that net.toml names", async () => {
    await host.waitUntil("ip -4 route show default | grep -q enp0s16", 60_000);
    expect(await output(host, "ip -4 -o address show dev enp0s16")).toContain("10.0.2.15/24");
  });
});

describe("apiclient set", () => {
  it("changes a setting, and the files that it affects", async () => {
    expect(short(await host.ask("apiclient set motd='Hello, fleet'"))).toEqual({ exitCode: 0, output: "" });
    expect(await setting(host, "settings.motd")).toBe("Hello, fleet");
    await host.waitUntil("grep -qx 'Hello, fleet' /etc/motd", 30_000);
  });

  it("takes several settings at once, as JSON too", async () => {
    const json = JSON.stringify({ kernel: { sysctl: { "vm.swappiness": "23" } }, motd: "By JSON" });
    expect(short(await host.ask(`apiclient set --json '${json}'`))).toEqual({ exitCode: 0, output: "" });
    await host.waitUntil("grep -qx 23 /proc/sys/vm/swappiness", 30_000);
    await host.waitUntil("grep -qx 'By JSON' /etc/motd", 30_000);
  });

  it("changes the host name without a reboot", async () => {
    expect((await host.ask("apiclient set network.hostname=wheel-8.example.com")).exitCode).toBe(0);
    await host.waitUntil("grep -qx wheel-8.example.com /proc/sys/kernel/hostname", 30_000);
  });

  const refused: [situation: string, argument: string, key: string, found: RegExp, accepted: RegExp][] = [
    [
      "a word that is none of the choices",
      "kernel.lockdown=loud",
      "settings.kernel.lockdown",
      /loud/,
      /integrity/,
    ],
    ["a number out of range", "updates.seed=4294967296", "settings.updates.seed", /4294967296/, /4294967295/],
    ["a host name with a space", "network.hostname='a b'", "settings.network.hostname", /a b/, /accepted/],
    ["a setting that does not exist", "mood=good", "settings.mood", /mood/, /settings/],
  ];
  for (const [situation, argument, key, found, accepted] of refused) {
    it(`refuses ${situation}: key, problem and what is accepted are named, exit code 1, nothing stored`, async () => {
      const before = await output(host, "apiclient raw -u /settings");
      const answer = await host.ask(`apiclient set motd=never ${argument}`);
      expect(answer.exitCode).toBe(1);
      expect(answer.output).toContain(key);
      expect(answer.output).toMatch(found);
      expect(answer.output).toMatch(accepted);
      expect(await output(host, "apiclient raw -u /settings")).toBe(before);
      expect(JSON.parse(await output(host, "apiclient raw -u /tx/list"))).toEqual([]);
    });
  }

  it("exits with 2 for words that are no settings at all", async () => {
    expect((await host.ask("apiclient set motd")).exitCode).toBe(2);
  });
});

describe("the running system", () => {
  it("os-image Check 15: has the mounts of 2.2 with their options", async () => {
    const found = new Map<string, { type: string; options: readonly string[]; propagation: string }>();
    for (const line of (await output(host, "findmnt -rn -o TARGET,FSTYPE,OPTIONS,PROPAGATION"))
      .trim()
      .split("\n")) {
      const [target = "", type = "", options = "", propagation = ""] = line.split(" ");
      found.set(target, { type, options: options.split(","), propagation });
    }
    for (const mount of mounts) {
      const is = found.get(mount.target);
      const missing = mount.options.filter((option) => is?.options.includes(option) !== true);
      const unwanted = (mount.without ?? []).filter((option) => is?.options.includes(option) === true);
      const propagation = mount.propagation ?? is?.propagation;
      expect({
        target: mount.target,
        type: is?.type,
        missing,
        unwanted,
        propagation: is?.propagation,
      }).toEqual({
        target: mount.target,
        type: mount.type,
        missing: [],
        unwanted: [],
        propagation,
      });
    }
  });

  it("os-image Check 15: refuses to run programs from /etc, /run, /tmp, /dev/shm and the private partition", async () => {
    for (const directory of ["/etc", "/run", "/tmp", "/dev/shm", "/var/lib/bottlerocket"]) {
      const copy = `${directory}/a-program`;
      const answer = await host.ask(
        `cp /usr/bin/true ${copy} && ${copy}; code=$?; rm -f ${copy}; exit $code`,
      );
      expect({ directory, exitCode: answer.exitCode }).toEqual({ directory, exitCode: 126 });
    }
  });

  it("os-image Check 15: runs programs from /local", async () => {
    expect(
      (await host.ask("cp /usr/bin/true /local/x && /local/x; code=$?; rm /local/x; exit $code")).exitCode,
    ).toBe(0);
  });

  it("os-image Check 15: refuses every write to the root, to root as well", async () => {
    for (const path of ["/a-file", "/usr/a-file", "/usr/bin/true"]) {
      const answer = await host.ask(`echo x > ${path}`);
      expect(answer.exitCode).not.toBe(0);
      expect(answer.output).toContain("Read-only file system");
    }
    expect((await host.ask("mount -o remount,rw /")).exitCode).not.toBe(0);
  });

  it("os-image Check 17: shows nothing in /local/var, and the content in /var", async () => {
    expect(await output(host, "ls -A /local/var /local/opt /local/mnt")).not.toContain("lib");
    expect(await output(host, "ls /var")).toContain("lib");
  });

  it("os-image Check 18: has all of 2.3 with its modes on a data partition that was empty", async () => {
    const paths = etcAndState.map(([path]) => path).join(" ");
    const lines = (await output(host, `stat -c '%n %a' ${paths}`)).trimEnd().split("\n");
    expect(lines).toEqual(etcAndState.map(([path, mode]) => `${path} ${mode}`));
    expect(await output(host, "stat -c %U /var/lib/chrony")).toBe("chrony\n");
    expect(await output(host, "readlink /etc/mtab")).toBe("../proc/self/mounts\n");
    const ends = await output(host, `readlink -f ${links.map(([path]) => path).join(" ")}`);
    expect(ends.trimEnd().split("\n")).toEqual(links.map(([, end]) => end));
  });

  it("os-image Check 20: has the group api, root without a login shell, and the API socket for that group", async () => {
    expect(await output(host, "getent group api")).toMatch(/^api:[^:]*:274:/);
    expect(await output(host, "getent passwd root")).toMatch(/^root:[^:]*:0:0:.*nologin$/m);
    expect(await output(host, "getent passwd chrony nobody")).toMatch(/^chrony:[\s\S]*^nobody:[^:]*:65534:/m);
    expect(await output(host, "stat -L -c '%F %U %G %a' /run/api.sock")).toBe("socket root api 660\n");
  });

  it("os-image Check 21: has the kernel settings of section 4", async () => {
    const files = kernelValues.map(([key]) => `/proc/sys/${key}`);
    const lines = (await output(host, `head -q -n 1 ${files.join(" ")}`)).trimEnd().split("\n");
    const found = lines.map((line, index) => [kernelValues[index]?.[0], line.replaceAll(/\s+/g, " ")]);
    expect(found).toEqual(kernelValues.map(([key, value]) => [key, value]));
  });

  it("os-image Check 25: names no disk of the system as one for anything", async () => {
    expect((await host.ask("test -e /dev/disk/ephemeral")).exitCode).toBe(1);
  });

  it("has the boot partition's files, for root alone", async () => {
    expect(await output(host, "stat -c '%a %n' /boot /boot/vmlinuz")).toBe("700 /boot\n700 /boot/vmlinuz\n");
  });

  it("has iptables with the legacy backend and a shell under the names that scripts use", async () => {
    for (const name of ["iptables", "iptables-save", "iptables-restore", "ip6tables"])
      expect(await output(host, `${name} --version`)).toContain("(legacy)");
    expect(await output(host, "sh -c 'echo found'")).toBe("found\n");
  });

  it("runs the container runtime with the proxy of the settings", async () => {
    expect(await output(host, "systemctl is-active containerd.service")).toBe("active\n");
    expect(await output(host, "systemctl show --property=EnvironmentFiles containerd.service")).toBe(
      "EnvironmentFiles=/etc/network/proxy.env (ignore_errors=yes)\n",
    );
  });

  it("watches whether an update proves itself, and stays with a set that has", async () => {
    expect(await output(host, "systemctl is-active fall-back-if-unproven.timer")).toBe("active\n");
    expect(await output(host, "fall-back-if-unproven")).toContain("Set A stays");
  });

  it("keeps its journal on the data partition", async () => {
    await output(host, "journalctl --flush");
    expect(await output(host, "find /var/log/journal -name system.journal")).toContain("/system.journal");
  });

  it("goes on answering when a unit fails, and shows the failure on the console", async () => {
    const from = await host.consoleSize();
    const unit =
      "[Unit]\\nDescription=A unit that fails\\n[Service]\\nType=oneshot\\nExecStart=/usr/bin/false\\n";
    await output(host, `printf '${unit}' > /run/systemd/system/fails.service`);
    await output(host, "printf '[Unit]\\nWants=fails.service\\n' > /run/systemd/system/wants-it.target");
    await output(
      host,
      "systemctl daemon-reload; systemctl start wants-it.target; systemctl is-failed --wait fails.service",
    );
    expect((await host.ask("systemctl is-active wants-it.target")).exitCode).toBe(0);
    await host.waitForConsole("fails.service", 30_000, from);
    expect(await setting(host, "settings.motd")).toBe("By JSON");
    await output(
      host,
      "systemctl reset-failed; rm /run/systemd/system/fails.service; systemctl daemon-reload",
    );
  });
});

describe("the sealed executable", () => {
  const WAYS: [way: string, environment: string][] = [
    ["BUN_BE_BUN=1", "BUN_BE_BUN=1"],
    ["BUN_OPTIONS=--preload", "BUN_OPTIONS='--preload /tmp/foreign.js'"],
    ["BUN_INSPECT_PRELOAD", "BUN_INSPECT_PRELOAD=/tmp/foreign.js"],
    ["NODE_OPTIONS=--require", "NODE_OPTIONS='--require /tmp/foreign.js'"],
  ];
  for (const [way, environment] of WAYS) {
    it(`does not become an interpreter by ${way}, under no name`, async () => {
      await output(host, 'echo \'console.log("foreign code" + " ran")\' > /tmp/foreign.js');
      const programs = (await output(host, "find /usr/bin /usr/sbin -lname '*pinwheel-host'"))
        .trim()
        .split("\n");
      expect(programs.length).toBeGreaterThan(8);
      // Every one with --help only: a server would not come back.
      const each = programs.map((program) => `${environment} timeout 20 ${program} --help </dev/null`);
      const script = `BUN_BE_BUN=1 apiclient /tmp/foreign.js; BUN_BE_BUN=1 apiclient -e 'console.log("foreign code ran")'`;
      const answer = await host.ask(`${each.join("; ")}; ${script}; exit 0`, { timeoutMs: 240_000 });
      expect(answer.output).not.toContain("foreign code ran");
    });
  }
});

describe("a reboot", () => {
  let firstBootId: string;

  it("is done by apiclient reboot", async () => {
    firstBootId = await read("/proc/sys/kernel/random/boot_id");
    await output(host, "echo volatile > /etc/a-file; mkdir -p /var/lib/x; echo kept > /var/lib/x/a-file");
    await output(host, "mkdir -p /lib/modules/x; echo volatile > /lib/modules/x/a-file");
    // User data that must not be applied: the first boot is over.
    await output(host, "printf '[settings]\\nmotd = \"Too late\"\\n' > /var/lib/bottlerocket/user-data.toml");
    await host.reboot();
    await host.waitForApi();
    await host.waitForBoot();
    expect(await read("/proc/sys/kernel/random/boot_id")).not.toBe(firstBootId);
  }, 600_000);

  it("keeps the settings, in files and kernel", async () => {
    expect(await setting(host, "settings.motd")).toBe("By JSON");
    expect(await read("/etc/motd")).toBe("By JSON\n");
    expect(await read("/proc/sys/vm/swappiness")).toBe("23\n");
    expect((await read("/proc/sys/kernel/hostname")).trim()).toBe("wheel-8.example.com");
    expect(await read("/etc/chrony.conf")).toContain("pool ntp-1.example.com iburst");
    expect(await read("/etc/resolv.conf")).toContain("search example.com example.net");
    expect(await read("/etc/hosts")).toMatch(/^10\.9\.8\.7 registry\.example\.com registry$/m);
  });

  it("does not apply user data a second time", async () => {
    const report = JSON.parse(await output(host, "apiclient get /boot/report"));
    const step = report.steps.find((one: { name: string }) => one.name === "user-data");
    expect(step?.outcome ?? "skipped").toBe("skipped");
  });

  it("os-image Check 16: empties /etc and the overlay of kernel modules, and keeps /var", async () => {
    expect((await host.ask("test -e /etc/a-file")).exitCode).toBe(1);
    expect((await host.ask("test -e /lib/modules/x")).exitCode).toBe(1);
    expect(await read("/var/lib/x/a-file")).toBe("kept\n");
  });

  it("os-image Check 18: keeps the random seed to root", async () => {
    expect(await output(host, "stat -c %a /var/lib/systemd/random-seed")).toBe("600\n");
  });

  it("finds the journal of the boot before", async () => {
    const id = firstBootId.trim().replaceAll("-", "");
    expect(await output(host, "journalctl --list-boots --no-pager")).toContain(id);
    expect((await output(host, `journalctl --no-pager -q -n 5 -b ${id}`)).length).toBeGreaterThan(0);
  });
});

describe("the power button and a larger disk", () => {
  it("os-image Check 40: the power button shuts the host down in order", async () => {
    const from = await host.consoleSize();
    expect(await host.stop(120_000)).toBe("stopped");
    expect(await host.consoleText(from)).toMatch(/power|reboot: Power down|Reached target/i);
  }, 180_000);

  it("Debian's cgpt finds both copies of the table good, set A good and set B empty", async () => {
    const { sdk } = await testImage();
    expect(await tableReport(sdk, host.disk)).not.toMatch(/invalid|error|warning/i);
    const number = async (name: string) => (await partition(sdk, host.disk, name)).number;
    expect(await flags(sdk, host.disk, await number("BOTTLEROCKET-BOOT-A"))).toBe(0x0101);
    expect(await flags(sdk, host.disk, await number("BOTTLEROCKET-BOOT-B"))).toBe(0);
  });

  it("os-image Check 18: the data partition grows with its disk and leaves the last MiB free", async () => {
    const { sdk } = await testImage();
    const before = await partition(sdk, host.disk, "BOTTLEROCKET-DATA");
    const sizeBytes = Bun.file(host.disk).size + GROWTH_BYTES;
    await truncate(host.disk, sizeBytes);
    host = await powerOn(host);
    await host.waitForApi();
    await host.waitUntil("systemctl is-active repart-local.service", 60_000);
    const kib = Number((await output(host, "df --output=size /local")).split("\n")[1]);
    expect(kib).toBeGreaterThan(
      (before.sizeBytes + GROWTH_BYTES * 0.9) / 1024 - before.sizeBytes / 1024 / 10,
    );
    await host.stop(120_000);
    const after = await partition(sdk, host.disk, "BOTTLEROCKET-DATA");
    expect(after.sizeBytes).toBe(before.sizeBytes + GROWTH_BYTES);
    expect(sizeBytes - (after.offsetBytes + after.sizeBytes)).toBeGreaterThanOrEqual(LEFT_FREE_BYTES);
    expect(await tableReport(sdk, host.disk)).not.toMatch(/invalid|error|warning/i);
  }, 600_000);
});
