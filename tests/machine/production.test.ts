/**
 * metal-base as `pinwheel run` starts it: no shell and no login of its own, entered through its admin container, which
 * the command enabled. Every question here goes that way.
 */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findMachine, type Machine, readState } from "../../lab/index.ts";
import { sshCommand } from "../../lab/ssh.ts";
import { ensureSdk, progressLines, type Sdk } from "../../sdk/index.ts";
import { output, setting, short } from "../lab.ts";

const NAME = "test-production";
const TOOL = join(import.meta.dirname, "../../bin/pinwheel");
const USER_DATA = `[settings]\nmotd = "Production"\n[settings.kernel.sysctl]\n"vm.swappiness" = "17"\n`;

let sdk: Sdk;
let host: Machine;
/** What the command said, without a terminal. */
let said: string;

beforeAll(async () => {
  sdk = await ensureSdk(progressLines());
  if ((await readState(NAME)) !== undefined) await (await findMachine(NAME)).cut();
  const directory = await mkdtemp(join(tmpdir(), "pinwheel-production-"));
  const userData = join(directory, "user-data.toml");
  await Bun.write(userData, USER_DATA);
  const words = ["run", "metal-base", "--name", NAME, "--fresh", "--user-data", userData];
  // What this test run is told, to leave no process behind, holds for it and not for the command: the machine stays.
  const env = { ...process.env, BUN_FEATURE_FLAG_NO_ORPHANS: undefined };
  const child = Bun.spawn([TOOL, ...words], { env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  said = await new Response(child.stderr).text();
  await rm(directory, { recursive: true });
  expect({ said, exitCode: await child.exited }).toEqual({ said, exitCode: 0 });
  host = await findMachine(NAME);
}, 1_200_000);

afterAll(() => host?.stop(), 120_000);

/** Runs a line in the admin container with the configuration that the command's ssh line names. */
async function inAdmin(line: string): Promise<{ stdout: string; exitCode: number }> {
  const { command, env } = sshCommand(sdk, host.directory, NAME, [line]);
  const child = Bun.spawn([...command], { env, stdin: "ignore", stdout: "pipe", stderr: "inherit" });
  return { stdout: await new Response(child.stdout).text(), exitCode: await child.exited };
}

describe("pinwheel run metal-base", () => {
  it("shows the steps of the host coming up, in their order, each with its time", () => {
    const steps = [...said.matchAll(/^✓ (.+?) +\d+\.\d s/gm)].map(([, step]) => step);
    const up = ["firmware", "kernel", "API", "settings of the first boot", "services"];
    expect(steps.slice(-7)).toEqual([...up, "admin container pulled", "admin container entered"]);
    expect(said).toMatch(/^✓ admin container pulled .*\d MB$/m);
  });

  it("prints the ssh line, which works, and how to ask, look at and stop the host", async () => {
    const ssh = `ssh -F ${join(host.directory, "ssh_config")} ${NAME}`;
    expect(said.replaceAll(`${process.cwd()}/`, "")).toContain(
      `  enter it      ${ssh.replace(`${process.cwd()}/`, "")}\n`,
    );
    for (const command of [`vm ask ${NAME}`, `vm console ${NAME}`, `vm stop ${NAME}`])
      expect(said).toContain(`bin/pinwheel ${command}`);
    expect(await inAdmin("id -un")).toEqual({ stdout: "ec2-user\n", exitCode: 0 });
  });

  it("keeps somebody's own user data: they are set beside the way in", async () => {
    expect(await setting(host, "settings.motd")).toBe("Production");
    expect(await output(host, "cat /etc/motd /proc/sys/vm/swappiness")).toBe("Production\n17\n");
    expect(await setting(host, "settings.host-containers.admin.enabled")).toBe(true);
    expect(await setting(host, "settings.host-containers.control.enabled")).toBe(false);
  });
});

describe("the API from outside", () => {
  it("is asked through ssh, with exit codes", async () => {
    const { stdout, exitCode } = await inAdmin("apiclient get settings.motd");
    expect({ answer: JSON.parse(stdout), exitCode }).toEqual({
      answer: { settings: { motd: "Production" } },
      exitCode: 0,
    });
    expect((await inAdmin("apiclient get /nope 2>/dev/null")).exitCode).toBe(1);
  });
});

describe("vm ask, where no console has a shell", () => {
  it("gives back every byte and the exit code", async () => {
    const answer = await host.ask(`printf 'a\\r\\n\\0\\377'; echo err >&2; exit 7`);
    expect([...answer.bytes]).toEqual([...Buffer.from("a\r\n\0"), 0xff, ...Buffer.from("err\n")]);
    expect(answer.exitCode).toBe(7);
    expect(short(await host.ask("cat; echo $?"))).toEqual({ exitCode: 0, output: "0\n" });
  });

  it("takes several words exactly as given, and runs in the host as root", async () => {
    const words = ["printf", "<%s>", "a b", "it's", '"$HOME"', "x\ny", "*", "ü"];
    const child = Bun.spawn([TOOL, "vm", "ask", NAME, ...words], { stdout: "pipe", stderr: "inherit" });
    expect(await new Response(child.stdout).text()).toBe(`<a b><it's><"$HOME"><x\ny><*><ü>`);
    expect(await output(host, "id -u; readlink /proc/self/ns/mnt /proc/1/ns/mnt | uniq | wc -l")).toBe(
      "0\n1\n",
    );
  });

  it("knows the host again by the keys that it learned first, and vm list shows its port", async () => {
    expect(await readFile(join(host.directory, "known_hosts"), "utf8")).toMatch(
      new RegExp(`^${NAME} ssh-ed25519 \\S+$`, "m"),
    );
    const list = Bun.spawnSync([TOOL, "vm", "list"]).stdout.toString();
    expect(list).toMatch(new RegExp(`^${NAME} +metal-base +running \\(\\w+\\) +${host.sshPort} `, "m"));
  });
});

describe("a production host", () => {
  it("has every unit up, and the boot counts as good", async () => {
    await host.waitForBoot();
    expect(await output(host, "systemctl list-units --failed --no-legend --plain")).toBe("");
    expect(await output(host, "systemctl is-system-running")).toBe("running\n");
    const targets = "preconfigured.target configured.target multi-user.target";
    expect(await output(host, `systemctl is-active ${targets}`)).toBe("active\nactive\nactive\n");
    await host.waitUntil("systemctl is-active mark-successful-boot.service", 60_000);
    expect(await output(host, "signpost status")).toMatch(/^Set A:.*successful=true/m);
  });

  it("os-image Check 19: has no shell, interpreter, login or package manager on its path", async () => {
    const names = "sh bash dash busybox login su sudo agetty sulogin sshd ssh python3 perl dpkg apt-get";
    const found = `PATH=/usr/sbin:/usr/bin; for name in ${names}; do type -P $name; done; true`;
    expect(await output(host, found)).toBe("");
  });

  it("offers no login on its console", async () => {
    expect(await host.consoleText()).not.toMatch(/login:|[#$] $/m);
    expect(await output(host, "systemctl list-units --all --no-legend --plain '*getty*' '*shell*'")).toMatch(
      /^(getty\.target .*\n)?$/,
    );
  });

  it("os-image Check 31: is locked down to integrity, and stays so whatever is set later", async () => {
    const lockdown = "cat /sys/kernel/security/lockdown";
    expect(await output(host, lockdown)).toBe("none [integrity] confidentiality\n");
    expect((await host.ask("apiclient set --wait kernel.lockdown=none")).exitCode).toBe(0);
    expect(await output(host, lockdown)).toBe("none [integrity] confidentiality\n");
  });

  it("lets the same user in after a reboot, as the same host", async () => {
    const known = await readFile(join(host.directory, "known_hosts"), "utf8");
    await host.reboot(600_000);
    expect(await output(host, "cat /etc/motd")).toBe("Production\n");
    expect(await readFile(join(host.directory, "known_hosts"), "utf8")).toBe(known);
  }, 900_000);
});
