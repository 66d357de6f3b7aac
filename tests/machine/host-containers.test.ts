/**
 * Host containers on a whole host: pulled from a registry, entered with SSH, and what they see of the
 * host. One host; what comes later finds what was done before.
 */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import type { Machine } from "../../lab/index.ts";
import { untilTrue } from "../containers/support/host.ts";
import { newMachine, output } from "../lab.ts";
import {
  CTR,
  containerTable,
  encoded,
  runningTasks,
  STAY,
  statusOf,
  untilRunning,
} from "./support/containers.ts";
import { GuestRegistry } from "./support/registry.ts";
import { SshClient, type SshEnd } from "./support/ssh.ts";

const MARK = "/.bottlerocket/host-containers/current/starts";

let registry: GuestRegistry;
/** Another one, which is not there when the host boots. */
let late: GuestRegistry;
let ssh: SshClient;
let host: Machine;

beforeAll(async () => {
  registry = await GuestRegistry.start("host-containers");
  late = await GuestRegistry.start("late");
  await late.stop();
  ssh = await SshClient.make();
  const small = await registry.push("small", `echo start >>${MARK}; ${STAY}`);
  const entry = (name: string, source: string, superpowered: boolean, userData?: string) =>
    containerTable("host-containers", name, {
      source,
      enabled: true,
      superpowered,
      ...(userData === undefined ? {} : { "user-data": encoded(userData) }),
    });
  const userData = [
    registry.settings,
    late.settings,
    entry("admin", await registry.pushOurs("admin"), true, sshUserData(ssh)),
    entry("control", await registry.pushOurs("control"), false),
    entry("plain", small, false, "hi"),
    entry("power", small, true),
    entry("late", late.sourceOf("small"), false),
  ];
  host = await newMachine("test-host-containers", { userData: userData.join("\n") });
  await host.waitForApi();
  await host.waitForBoot();
}, 900_000);

afterAll(async () => {
  await host?.stop();
  await ssh?.remove();
  await registry?.stop();
  await late?.stop();
}, 120_000);

const sshUserData = ({ publicKey }: SshClient) => JSON.stringify({ ssh: { "authorized-keys": [publicKey] } });
const enter = (command: string, stdin?: string): Promise<SshEnd> =>
  ssh.run(host.sshPort, "ec2-user", command, stdin);
const untilSshAnswers = () =>
  untilTrue("SSH lets in", async () => (await enter("true")).exitCode === 0, 240_000);

describe("host containers that user data enables", () => {
  it("are pulled from the registry and run: ours, and small ones", async () => {
    await untilRunning(host, ["admin", "control", "plain", "power"]);
    const images = (await output(host, `${CTR} images ls -q`)).trim().split("\n");
    const { containers } = await statusOf(host);
    for (const name of ["admin", "control", "plain", "power"]) {
      const found = containers.find((one) => one.name === name);
      expect(found).toMatchObject({
        kind: "host",
        wanted: "enabled",
        unit: { state: "active", problem: null },
      });
      expect(images).toContain(found?.source ?? "");
    }
  }, 600_000);

  it("containers Check 7: have their user data and a storage that nobody else enters", async () => {
    const storage = "/.bottlerocket/host-containers/current";
    const found = await output(host, `apiclient exec plain busybox cat ${storage}/user-data`);
    expect(found).toBe("hi");
    expect(await output(host, "stat -c %a /local/host-containers/plain")).toBe("700\n");
  });

  it("reach the API with apiclient, as root and as the user of the admin container", async () => {
    const get = "apiclient get settings.motd";
    const found = await output(host, get);
    expect(found).toContain("Welcome to Pinwheel!");
    for (const name of ["admin", "control", "plain"])
      expect(await output(host, `apiclient exec ${name} ${get}`)).toBe(found);
    await untilSshAnswers();
    expect(await enter(get)).toEqual({ exitCode: 0, stdout: found, stderr: "" });
  }, 300_000);
});

const lateUnit = "host-containers@late.service";
const untilLateSays = (what: string) =>
  host.waitUntil(`journalctl -b --no-pager -o cat -u ${lateUnit} | grep -q '${what}'`, 300_000);
const lateManifest = () => `http://${late.nameForGuests}/v2/small/manifests/1`;

describe("a registry that is not there at boot", () => {
  it("is told in the journal: which reference, which endpoint, and why", async () => {
    await untilLateSays(
      `Image ${late.sourceOf("small")} was not pulled in 6 attempts: GET ${lateManifest()}: ECONNREFUSED`,
    );
  }, 400_000);
});

describe("the admin container", () => {
  it("lets the owner of the key in, and nobody else", async () => {
    expect(await enter("id -un; exit 3")).toEqual({ exitCode: 3, stdout: "ec2-user\n", stderr: "" });
    const stranger = await SshClient.make();
    const refused = await stranger.run(host.sshPort, "ec2-user", "id");
    await stranger.remove();
    expect(refused.exitCode).toBe(255);
    expect(refused.stderr).toContain("Permission denied (publickey)");
    expect((await ssh.run(host.sshPort, "root", "id")).stderr).toContain("Permission denied (publickey)");
  });

  it("has sudo sheltie, which runs programs of the host, with input, output and exit code", async () => {
    const boot = (await output(host, "cat /proc/sys/kernel/random/boot_id")).trim();
    expect((await enter("sudo sheltie cat /proc/sys/kernel/random/boot_id")).stdout).toBe(`${boot}\n`);
    expect((await enter("sudo sheltie systemctl get-default")).stdout).toBe("multi-user.target\n");
    expect((await enter("sudo sheltie journalctl -u apiserver -n 1 -q --no-pager")).exitCode).toBe(0);
    expect(await enter("sudo sheltie", "cat /etc/os-release | grep ^ID=; exit 4\n")).toMatchObject({
      exitCode: 4,
      stdout: "ID=pinwheel\n",
    });
    expect(await enter("sheltie true")).toMatchObject({
      exitCode: 1,
      stdout: "sheltie must be run as root: sudo sheltie\n",
    });
  });
});

describe("mounts", () => {
  const rootfs = "/.bottlerocket/rootfs";
  const power = (command: string) => output(host, `apiclient exec power busybox ${command}`);

  it("containers Check 26: /local/mnt shows nothing of what is in /mnt", async () => {
    await output(host, "echo here > /mnt/a-file");
    expect(await output(host, "ls -A /local/mnt")).toBe("");
    expect(await power(`cat ${rootfs}/mnt/a-file`)).toBe("here\n");
  });

  it("containers 10: what the host mounts below /mnt is seen by superpowered containers that run already", async () => {
    await output(host, "mkdir -p /mnt/host && mount -t tmpfs tmpfs /mnt/host && echo host > /mnt/host/from");
    for (const name of ["power", "admin"])
      expect(await output(host, `apiclient exec ${name} busybox cat ${rootfs}/mnt/host/from`)).toBe("host\n");
    await output(host, "umount /mnt/host");
    expect(await power(`ls -A ${rootfs}/mnt/host`)).toBe("");
  });

  it("containers 10: what a superpowered one mounts elsewhere is its own", async () => {
    const at = `${rootfs}/tmp/power`;
    await power(
      `sh -c 'busybox mkdir -p ${at} && busybox mount -t tmpfs tmpfs ${at} && echo power >${at}/from'`,
    );
    expect(await power(`cat ${at}/from`)).toBe("power\n");
    expect(await output(host, "ls -A /tmp/power")).toBe("");
  });

  it("containers 9.4: a container that is not superpowered sees nothing of the host's files, and mounts nothing", async () => {
    expect((await host.ask(`apiclient exec plain busybox ls ${rootfs}`)).exitCode).toBe(1);
    const refused = await host.ask("apiclient exec plain busybox mount -t tmpfs tmpfs /tmp");
    expect(refused.output).toContain("permission denied");
  });
});

describe("a change of settings", () => {
  it("containers Check 5: of a container with a longer name leaves it alone", async () => {
    const before = await runningTasks(host);
    await output(host, "CHANGED_SETTINGS=settings.host-containers.plain2.enabled host-containers");
    const after = await runningTasks(host);
    for (const [name, pid] of before) expect([name, after.get(name)]).toEqual([name, pid]);
  });
});
