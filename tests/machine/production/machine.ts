/**
 * The one production host of these tests: metal-base as `pinwheel run` starts it, with somebody's own user data beside the
 * way in that the command adds. Every question goes through the admin container.
 */
import { expect } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findMachine, type Machine, readState } from "../../../lab/index.ts";
import { sshCommand } from "../../../lab/ssh.ts";
import { ensureSdk, progressLines } from "../../../sdk/index.ts";
import { containerTable, encoded, STAY } from "../support/containers.ts";
import { GuestRegistry } from "../support/registry.ts";
import type { SshEnd } from "../support/ssh.ts";

export const NAME = "test-production";
export const TOOL = join(import.meta.dirname, "../../../bin/pinwheel");
/** What each start of a small container adds a line to, in its storage. */
export const STARTS = "starts";
/** Of the container `power`. */
export const LIMITS = { memory: "64Mi", cpu: "1500m", pids: 100 };

const OWN_SETTINGS = `[settings]
motd = "Production"
[settings.kernel.sysctl]
"vm.swappiness" = "17"
`;

export let host: Machine;
/** What `pinwheel run` said, without a terminal. */
export let said: string;
/** Of the containers plain and power. */
export let registry: GuestRegistry;
/** Of the container late. It is not there when the host boots. */
export let late: GuestRegistry;

export async function startProduction(): Promise<void> {
  if ((await readState(NAME)) !== undefined) await (await findMachine(NAME)).cut();
  registry = await GuestRegistry.start("production");
  late = await GuestRegistry.start("late");
  await late.stop();
  const directory = await mkdtemp(join(tmpdir(), "pinwheel-production-"));
  const userData = join(directory, "user-data.toml");
  await Bun.write(userData, await ownUserData());
  const words = ["run", "metal-base", "--name", NAME, "--fresh", "--user-data", userData];
  // What this test run is told, to leave no process behind, holds for it and not for the command: the machine stays.
  const env = { ...process.env, BUN_FEATURE_FLAG_NO_ORPHANS: undefined };
  const child = Bun.spawn([TOOL, ...words], { env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  said = await new Response(child.stderr).text();
  await rm(directory, { recursive: true });
  expect({ said, exitCode: await child.exited }).toEqual({ said, exitCode: 0 });
  host = await findMachine(NAME);
}

export async function stopProduction(): Promise<void> {
  await host?.stop();
  await registry?.stop();
  await late?.stop();
}

/** The control container comes from the lab's registry as well; only that it runs is somebody's own wish. */
async function ownUserData(): Promise<string> {
  const small = await registry.push(
    "small",
    `echo start >>/.bottlerocket/host-containers/current/${STARTS}; ${STAY}`,
  );
  const container = (name: string, members: Parameters<typeof containerTable>[2]) =>
    containerTable("host-containers", name, { enabled: true, ...members });
  return [
    OWN_SETTINGS,
    registry.settings,
    late.settings,
    container("control", {}),
    container("plain", { source: small, superpowered: false, "user-data": encoded("hi") }),
    container("power", { source: small, superpowered: true }),
    containerTable("host-containers", "power.limits", LIMITS),
    container("late", { source: late.sourceOf("small"), superpowered: false }),
  ].join("\n");
}

/** Runs a line in the admin container with the configuration that the command's ssh line names. */
export async function enter(line: string, stdin = "", options: readonly string[] = []): Promise<SshEnd> {
  const sdk = await ensureSdk(progressLines());
  const { command, env } = sshCommand(sdk, host.directory, NAME, [...options, line]);
  const child = Bun.spawn([...command], { env, stdin: Buffer.from(stdin), stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { exitCode, stdout, stderr };
}

/**
 * Has the host run a command by itself, as one that takes the way in away must be, and waits until it has ended.
 *
 * @param unit  a name for it; its output is in the journal of this unit
 * @returns what it printed
 */
export async function byItself(unit: string, command: string): Promise<string> {
  expect((await host.ask(`systemd-run --quiet --collect --unit=${unit} ${command}`)).exitCode).toBe(0);
  await host.waitUntil(`! systemctl is-active --quiet ${unit}`);
  return (await host.ask(`journalctl -b --no-pager -o cat -u ${unit} _TRANSPORT=stdout`)).output;
}
