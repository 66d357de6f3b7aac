/**
 * Bootstrap containers over four boots of one host: one that fails and stops the boot, one whose run a power cut ends,
 * one that runs once, one that runs always, one that is mended, one that is declared on the running host.
 *
 * On metal-dev, whose console answers as soon as systemd runs: the unit files are those of metal-base
 * (variants/shared/units/host-containers), and there each boot would wait minutes for the admin container.
 */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import type { HostStatus } from "../../host/api/index.ts";
import type { Machine } from "../../lab/index.ts";
import { newMachine, output, powerOn, setting } from "../lab.ts";
import { CTR, containerTable, problemsOf, statusOf } from "./support/containers.ts";
import { GuestRegistry } from "./support/registry.ts";

const STORAGE = "/.bottlerocket/bootstrap-containers/current";
const ROOTFS = "/.bottlerocket/rootfs";
const NOT_REACHED = /Reached target (configured|multi-user)/;
// Written through to the disk: power is cut in the middle.
const COUNT = `echo run >>${STORAGE}/runs; busybox sync; `;
const isRun = (number: number) => `test $(busybox wc -l <${STORAGE}/runs) = ${number}`;

interface Declared {
  readonly mode: "once" | "always";
  readonly essential: boolean;
  readonly script: string;
}

const declared: Readonly<Record<string, Declared>> = {
  /** The boot depends on it: fails in the first boot, does not end in the second one, succeeds in the third one. */
  gate: {
    mode: "once",
    essential: true,
    script: `if ${isRun(1)}; then echo "gate: cannot go on" >&2; exit 9; fi
if ${isRun(2)}; then echo "gate: waits for ever" >&2; exec busybox sleep 100000000; fi`,
  },
  once: { mode: "once", essential: false, script: "true" },
  /** Fails until it is mended. */
  shaky: { mode: "once", essential: false, script: `test -e ${STORAGE}/mended` },
  daily: {
    mode: "always",
    essential: true,
    script: `for at in ${ROOTFS}/mnt/t ${ROOTFS}/tmp/t; do
busybox mkdir -p $at && busybox mount -t tmpfs tmpfs $at && echo mounted >$at/f || exit 1; done`,
  },
  /** Stays, in the first boot, until the host says of itself what the test is about. */
  witness: {
    mode: "always",
    essential: false,
    script: `${isRun(1)} || exit 0
until apiclient get settings.bootstrap-containers.once.mode | busybox grep -q off; do busybox sleep 1; done
until apiclient status --output json 2>/dev/null >${STORAGE}/status
busybox grep -q '"bootstrap-containers@gate.service failed' ${STORAGE}/status; do busybox sleep 1; done
busybox sync; echo "witness: has seen it" >&2`,
  },
};

let registry: GuestRegistry;
let host: Machine;

const stored = (name: string, file: string) => `/local/bootstrap-containers/${name}/${file}`;
const runs = async (name: string) => Number(await output(host, `grep -c run ${stored(name, "runs")}`));
const unit = (name: string) => `bootstrap-containers@${name}.service`;
const modeOf = (name: string) => setting(host, `settings.bootstrap-containers.${name}.mode`);
const up = async () => {
  await host.waitForApi();
  await host.waitForBoot();
};

beforeAll(async () => {
  registry = await GuestRegistry.start("bootstrap-containers");
  const userData = [registry.settings];
  for (const [name, { mode, essential, script }] of Object.entries(declared)) {
    const source = await registry.push(name, COUNT + script);
    userData.push(containerTable("bootstrap-containers", name, { source, mode, essential }));
  }
  host = await newMachine("test-bootstrap-containers", { userData: userData.join("\n") });
}, 600_000);

afterAll(async () => {
  await host?.stop();
  await registry?.stop();
}, 120_000);

describe("the first boot, in which an essential one fails", () => {
  it("containers Check 11: stops before multi-user, and the console says which container and why", async () => {
    await host.waitForConsole("gate: cannot go on");
    await host.waitForConsole("container boot.gate ended with exit code 9");
    await host.waitForConsole("Failed to start bootstrap-containers@gate.service");
  }, 600_000);

  it("says so of itself to whoever can ask, here to another bootstrap container", async () => {
    const text = await host.waitForConsole("witness: has seen it");
    expect(text).not.toMatch(NOT_REACHED);
  }, 300_000);
});

describe("the second boot, in which power fails while it runs", () => {
  it("containers Check 11: tries it again", async () => {
    await host.cut();
    host = await powerOn(host);
    const text = await host.waitForConsole("gate: waits for ever");
    expect(text).not.toMatch(NOT_REACHED);
    await host.cut();
  }, 600_000);
});

describe("the third boot", () => {
  it("tries it once more; it succeeds, and the host comes up", async () => {
    host = await powerOn(host);
    await up();
    expect(await runs("gate")).toBe(3);
    expect(await output(host, "systemctl is-active configured.target multi-user.target")).toBe(
      "active\nactive\n",
    );
  }, 600_000);

  it("has the status that was asked for in the first one: what failed, and nothing behind it was started", async () => {
    const seen = JSON.parse(await output(host, `cat ${stored("witness", "status")}`)) as HostStatus;
    expect(seen.healthy).toBe(false);
    expect(seen.containers.find(({ name }) => name === "gate")).toMatchObject({
      kind: "bootstrap",
      wanted: "once",
      unit: { state: "failed", "last-exit": { code: 9 } },
    });
    expect(seen.units.find(({ name }) => name === "containerd.service")?.state).toBe("inactive");
  });

  it("containers Check 12: finds the one that succeeded in the first boot off, and does not run it", async () => {
    expect(await modeOf("once")).toBe("off");
    expect((await host.ask(`systemctl is-enabled ${unit("once")}`)).output).toBe("disabled\n");
    expect(await runs("once")).toBe(1);
  });

  it("containers Check 11: goes on without the one that is not essential, and says that it failed", async () => {
    expect((await host.ask("systemctl is-system-running")).output).toBe("degraded\n");
    expect(await modeOf("shaky")).toBe("once");
    expect((await host.ask(`test -e /run/bootstrap-containers/shaky.ran`)).exitCode).toBe(0);
    const { healthy, containers } = await statusOf(host);
    expect(healthy).toBe(false);
    expect(containers.find(({ name }) => name === "shaky")?.unit).toMatchObject({
      state: "failed",
      "last-exit": { code: 1 },
    });
  });

  it("containers Check 11: does not run it twice, not even by hand", async () => {
    const before = await runs("shaky");
    await host.ask(`systemctl start ${unit("shaky")}`);
    expect(await runs("shaky")).toBe(before);
  });

  it("containers 3: runs them after the runtime of host containers and before everything behind configured", async () => {
    const at = async (name: string, property: string) =>
      Number(await output(host, `systemctl show --value -p ${property}Monotonic ${name}`));
    const times = [
      await at("host-containerd.service", "ActiveEnterTimestamp"),
      await at(unit("daily"), "ExecMainStartTimestamp"),
      await at(unit("daily"), "ActiveEnterTimestamp"),
      await at("configured.target", "ActiveEnterTimestamp"),
      await at("containerd.service", "ExecMainStartTimestamp"),
      await at("containerd.service", "ActiveEnterTimestamp"),
    ];
    expect(times.every((time) => time > 0)).toBe(true);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it("containers Check 25: has what one has mounted below /mnt, and not what it has mounted elsewhere", async () => {
    expect(await output(host, `${CTR} containers ls -q`)).toBe("");
    expect(await output(host, "findmnt -n -o FSTYPE /mnt/t; cat /mnt/t/f")).toBe("tmpfs\nmounted\n");
    expect(await output(host, "ls -A /tmp/t")).toBe("");
    expect((await host.ask("findmnt /tmp/t")).exitCode).toBe(1);
  });

  it("containers 5.2: does not run one that is declared now", async () => {
    const source = await registry.push("fresh", COUNT);
    await output(
      host,
      `apiclient set --wait bootstrap-containers.fresh.source=${source} bootstrap-containers.fresh.mode=once`,
    );
    expect(await output(host, `systemctl is-enabled ${unit("fresh")}`)).toBe("enabled\n");
    expect((await host.ask(`systemctl is-active ${unit("fresh")}`)).output).toBe("inactive\n");
    expect((await host.ask(`test -e ${stored("fresh", "runs")}`)).exitCode).toBe(1);
  });
});

describe("the fourth boot", () => {
  let before: number;

  it("containers Check 11: runs the mended one, which is off then; and nothing is wrong any more", async () => {
    before = await runs("daily");
    await output(host, `touch ${stored("shaky", "mended")}`);
    await host.reboot();
    await up();
    expect(await output(host, "systemctl is-system-running")).toBe("running\n");
    await host.waitUntil(`apiclient get settings.bootstrap-containers.shaky.mode | grep -q off`, 60_000);
    expect(await problemsOf(host)).toEqual([]);
  }, 600_000);

  it("containers Check 12: runs nothing that was to run once a second time", async () => {
    expect(await runs("once")).toBe(1);
    expect(await runs("gate")).toBe(3);
    for (const name of ["once", "gate"])
      expect((await host.ask(`systemctl is-enabled ${unit(name)}`)).output).toBe("disabled\n");
  });

  it("runs the one again that runs always, and the one that was declared since the last", async () => {
    expect(await runs("daily")).toBe(before + 1);
    expect(await modeOf("daily")).toBe("always");
    expect(await runs("fresh")).toBe(1);
    await host.waitUntil(`apiclient get settings.bootstrap-containers.fresh.mode | grep -q off`, 60_000);
  });
});
