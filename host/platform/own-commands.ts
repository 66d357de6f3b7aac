/**
 * Generators and restart commands of ours, run in the process that configures the host at boot: each saves the
 * start of a program, of which the boot would start many. As programs of their own they do the same.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { type CallApi, fetchModel, unitOfTryRestart } from "../apply/index.ts";
import { Failure } from "../linux/failure.ts";
import type { Log } from "../linux/log.ts";
import { hasProcesses } from "../linux/units.ts";
import { generateBootConfig, generateBootSettings } from "./boot-config.ts";
import type { GeneratorOutput } from "./generators.ts";
import { generatorWords } from "./generators.ts";
import type { OwnGenerators } from "./generators-step.ts";
import { applyLockdown, applySysctls } from "./kernel-settings.ts";
import { generateHostname, nodeIp, writeResolvConf } from "./network/index.ts";
import { randomSeed } from "./seed.ts";
import { templatedSetting } from "./templated-setting.ts";

interface Host {
  /** The directory under which the host's files are found: "/" on a host. */
  readonly root: string;
  readonly call: CallApi;
  readonly log: Log;
}

// DHCP takes seconds where it works; a host without an address by then is reported and goes on without a name.
const addressTimeoutMs = 60_000;
const addressPollMs = 100;

/** Our generators, by the command lines that the model names. */
export function ownGenerators({ root, call }: Host): OwnGenerators {
  const generators: ReadonlyMap<string, (argument: string) => Promise<GeneratorOutput>> = new Map([
    ["bork seed", async () => value(randomSeed())],
    [
      "netdog generate-hostname",
      async () => value((await withAddress(() => generateHostname(root))).hostname),
    ],
    ["netdog node-ip", async () => value(await withAddress(() => nodeIp(root)))],
    ["prairiedog generate-boot-settings", async () => bootSettings(root)],
  ]);
  return (command) => {
    const [program = "", argument = "", ...rest] = generatorWords(command.replace(/^\/usr\/bin\//, ""));
    if (rest.length > 0) return undefined;
    if (program === "schnauzer" && argument !== "") return templatedSetting(call, argument).then(value);
    return generators.get(`${program} ${argument}`)?.(argument);
  };
}

function value(of: unknown): GeneratorOutput {
  return { kind: "value", json: JSON.stringify(of) };
}

async function bootSettings(root: string): Promise<GeneratorOutput> {
  const settings = await generateBootSettings(root);
  if (settings !== undefined) return value(settings);
  return { kind: "unset", reason: "the kernel was started without boot settings" };
}

/**
 * Asks again until the primary interface has its address. So only a host that needs its address for a setting
 * waits for the network, and no longer than the address takes.
 */
async function withAddress<T>(ask: () => Promise<T>): Promise<T> {
  const deadlineMs = performance.now() + addressTimeoutMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const mayCome = error instanceof Failure && error.code === "network/no-address";
      if (!mayCome || performance.now() > deadlineMs) throw error;
    }
    await sleep(addressPollMs);
  }
}

/** Runs a restart command of ours; `undefined` if the command names none. */
export type OwnRestartCommands = (command: string) => Promise<void> | undefined;

/**
 * Our restart commands, by the command lines that the services name, and those of systemctl that have nothing
 * to restart: `try-` verbs do nothing for a unit that does not run, and at boot hardly any does.
 */
export function ownRestartCommands(host: Host): OwnRestartCommands {
  const commands: ReadonlyMap<string, () => Promise<void>> = new Map([
    ["corndog sysctl", () => setSysctls(host)],
    ["corndog lockdown", () => setLockdown(host)],
    ["netdog write-resolv-conf", async () => void (await writeResolvConf(host.root))],
    ["prairiedog generate-boot-config", () => writeBootConfig(host)],
  ]);
  return (command) => commands.get(command.replace(/^\/usr\/bin\//, ""))?.();
}

/** Whether a command would do nothing, because the unit that it restarts if it runs does not run. */
export async function hasNothingToRestart(root: string, command: string): Promise<boolean> {
  const unit = unitOfTryRestart(command);
  return unit !== undefined && !(await hasProcesses(root, unit));
}

async function setSysctls({ root, call, log }: Host): Promise<void> {
  const sysctls = Object.entries(table((await kernelSettings(call)).sysctl));
  const unset = await applySysctls(root, new Map(sysctls.map(([key, text]) => [key, String(text)])));
  for (const { key, problem } of unset) log.error(`settings.kernel.sysctl: ${key} was not set: ${problem}`);
}

async function setLockdown({ root, call, log }: Host): Promise<void> {
  const { lockdown } = await kernelSettings(call);
  if (typeof lockdown !== "string") return;
  const outcome = await applyLockdown(root, lockdown);
  if (outcome.kind !== "needs-reboot") return;
  log.warn(`lockdown mode ${outcome.current} can be lowered to ${lockdown} only by a reboot`);
}

async function writeBootConfig({ root, call, log }: Host): Promise<void> {
  const { leftOut } = await generateBootConfig(root, table((await fetchModel(call)).settings).boot);
  for (const { key, reason } of leftOut) log.warn(`${key} is left out of the kernel command line: ${reason}`);
}

async function kernelSettings(call: CallApi): Promise<Readonly<Record<string, unknown>>> {
  return table(table((await fetchModel(call)).settings).kernel);
}

function table(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
