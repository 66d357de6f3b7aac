/** Settings of one running host: looked at before they change, taken back, tried, and tried over restarts. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import type { Machine } from "../../lab/index.ts";
import { newMachine, output, powerOn, setting, short } from "../lab.ts";

const USER_DATA = `
[settings]
motd = "From user data"

[settings.ntp]
time-servers = ["ntp-1.example.com"]
`;
const BUNDLE = "/etc/pki/tls/certs/ca-bundle.crt";

let host: Machine;
const read = (file: string) => output(host, `cat ${file}`);
const json = async (uri: string) => JSON.parse(await output(host, `apiclient get ${uri}`));

beforeAll(async () => {
  host = await newMachine("test-settings", { userData: USER_DATA });
  await host.waitForApi();
  await host.waitForBoot();
}, 900_000);

afterAll(() => host?.stop(), 120_000);

describe("a dry run", () => {
  it("shows settings, files and restarts that a change would bring, and changes nothing", async () => {
    const change = `motd="Hello, fleet" ntp.time-servers='["ntp-2.example.com"]'`;
    const shown = await output(host, `apiclient set --dry-run ${change}`);
    for (const line of [
      "-From user data",
      "+Hello, fleet",
      "-pool ntp-1.example.com iburst",
      "+pool ntp-2.example.com iburst",
    ])
      expect(shown.split("\n")).toContain(line);
    expect(shown).toContain("chronyd.service");
    expect(await read("/etc/motd")).toBe("From user data\n");
    expect(await setting(host, "settings.motd")).toBe("From user data");
    expect(await json("/tx/list")).toEqual([]);
  });

  it("says that a reboot is needed where one is", async () => {
    expect(await output(host, `apiclient set --dry-run 'boot.kernel.example=["1"]'`)).toMatch(/reboot/i);
  });
});

describe("the outcome of a change", () => {
  it("is waited for with --wait, and told with files and services", async () => {
    const pid = await output(host, "systemctl show --value -p MainPID chronyd");
    const told = await output(host, `apiclient set --wait ntp.time-servers='["ntp-2.example.com"]'`);
    expect(told).toContain("/etc/chrony.conf");
    expect(told).toContain("ntp");
    expect(await read("/etc/chrony.conf")).toContain("pool ntp-2.example.com iburst");
    expect(await output(host, "systemctl show --value -p MainPID chronyd")).not.toBe(pid);
  });

  it("can be read later, commit by commit", async () => {
    const { commits } = await json("/tx/applied");
    const { keys, state, files, services, failures } = commits.at(-1);
    expect({ keys, state, files, failures }).toEqual({
      keys: ["settings.ntp.time-servers"],
      state: "done",
      files: ["/etc/chrony.conf"],
      failures: [],
    });
    expect(
      services.map((service: { name: string; outcome: string }) => [service.name, service.outcome]),
    ).toEqual([["ntp", "done"]]);
  });
});

describe("a host container of the settings", () => {
  // Nobody listens there: what is looked at is what becomes of the settings, not the container.
  const source = "127.0.0.1:9/mine:v1";
  const unit = "host-containers@mine.service";

  it("gets its files and a running unit, which tells what it cannot pull and why", async () => {
    await output(
      host,
      `apiclient set --wait host-containers.mine.enabled=true host-containers.mine.source=${source}`,
    );
    expect(await read("/etc/host-containers/mine.env")).toContain(`CTR_SOURCE=${source}\n`);
    expect(await output(host, `systemctl is-enabled ${unit}`)).toBe("enabled\n");
    await host.waitUntil(
      `journalctl -u ${unit} | grep -q '${source}.*127.0.0.1:9/v2/mine/manifests/v1'`,
      180_000,
    );
  });

  it("is gone with its settings", async () => {
    await output(host, "apiclient unset --wait host-containers.mine");
    expect((await host.ask(`systemctl is-active ${unit}`)).output).toBe("inactive\n");
    expect((await host.ask(`systemctl is-enabled ${unit}`)).output).toBe("disabled\n");
    expect((await host.ask("test -e /etc/host-containers/mine.env")).exitCode).toBe(1);
    expect((await host.ask("apiclient get settings.host-containers")).output).toBe("{}\n");
  });
});

describe("apiclient unset", () => {
  it("takes a setting back to its default, and its file with it", async () => {
    await output(host, "apiclient unset --wait motd");
    expect(await setting(host, "settings.motd")).toBe("Welcome to Pinwheel!");
    expect(await read("/etc/motd")).toBe("Welcome to Pinwheel!\n");
  });

  it("gives the kernel back the value that it had before a sysctl was set", async () => {
    const before = await read("/proc/sys/vm/swappiness");
    await output(host, `apiclient set --wait 'kernel.sysctl."vm.swappiness"=17'`);
    expect(await read("/proc/sys/vm/swappiness")).toBe("17\n");
    await output(host, `apiclient unset --wait 'kernel.sysctl."vm.swappiness"'`);
    expect(await read("/proc/sys/vm/swappiness")).toBe(before);
  });

  it("rendered-config Check 42: a certificate is distrusted while settings.pki says so, and no longer", async () => {
    // Compared on the host: a quarter of a megabyte is much for a console.
    const digest = () => output(host, `sha256sum ${BUNDLE}`);
    const count = async () => Number(await output(host, `grep -c 'BEGIN CERTIFICATE' ${BUNDLE}`));
    const before = { digest: await digest(), count: await count() };
    const firstEnd = `$(grep -n -m 1 'END CERTIFICATE' ${BUNDLE} | cut -d : -f 1)`;
    const data = (await output(host, `head -n ${firstEnd} ${BUNDLE} | base64 -w 0`)).trim();
    await output(host, `apiclient set --wait pki.gone.data=${data} pki.gone.trusted=false`);
    expect(await count()).toBe(before.count - 1);
    expect(await digest()).not.toBe(before.digest);
    await output(host, "apiclient unset --wait pki.gone");
    expect(await digest()).toBe(before.digest);
  });
});

describe("a trial", () => {
  it("keeps what is confirmed", async () => {
    await output(host, "apiclient set --try --timeout 10m --wait motd=Confirmed");
    expect(await read("/etc/motd")).toBe("Confirmed\n");
    expect(short(await host.ask("apiclient confirm")).exitCode).toBe(0);
    expect((await host.ask("apiclient raw -u /tx/trial")).output).toContain("was confirmed");
  });

  it("puts back what nobody confirms, in settings and files", async () => {
    await output(host, "apiclient set --try --timeout 3s motd=Tried");
    await host.waitUntil("apiclient raw -u /tx/trial 2>&1 | grep -q 'not confirmed in time'", 60_000);
    await host.waitUntil("grep -qx Confirmed /etc/motd", 60_000);
    expect(await setting(host, "settings.motd")).toBe("Confirmed");
  });

  it("survives a restart of the host, so that what needs one can be tried", async () => {
    await output(host, `apiclient set --try --timeout 5h motd=Tried 'kernel.sysctl."vm.swappiness"=17'`);
    await host.reboot();
    await host.waitForApi();
    await host.waitForBoot();
    const trial = await json("/tx/trial");
    expect(trial.keys).toEqual(['settings.kernel.sysctl."vm.swappiness"', "settings.motd"]);
    expect(trial["after-restart"]).toBe(true);
    expect(await read("/etc/motd")).toBe("Tried\n");
    expect(await read("/proc/sys/vm/swappiness")).toBe("17\n");
  }, 600_000);

  it("is put back before anything is applied when the host starts a second time", async () => {
    await host.cut();
    host = await powerOn(host);
    await host.waitForApi();
    await host.waitForBoot();
    expect(await read("/etc/motd")).toBe("Confirmed\n");
    expect(await read("/proc/sys/vm/swappiness")).not.toBe("17\n");
    expect((await host.ask("apiclient raw -u /tx/trial")).output).toContain("started twice");
  }, 600_000);
});
