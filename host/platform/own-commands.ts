/**
 * Generators and restart commands of ours, run in the process that configures the host at boot: each saves the
 * start of a program, of which the boot would start many. As programs of their own they do the same.
 */

import { type CallApi, fetchModel, unitOfTryRestart } from "../apply/index.ts";
import { containersHost, setUpBootstrapContainers, setUpHostContainers } from "../containers/index.ts";
import type { Log } from "../linux/log.ts";
import { hasProcesses } from "../linux/units.ts";
import { awaitAddress } from "./await-address.ts";
import { generateBootConfig, generateBootSettings } from "./boot-config.ts";
import type { GeneratorOutput } from "./generators.ts";
import { generatorWords } from "./generators.ts";
import type { OwnGenerators } from "./generators-step.ts";
import { applyLockdown, applySysctls } from "./kernel-settings.ts";
import { liveSetting } from "./live-settings.ts";
import { generateHostname, nodeIp, setHostname } from "./network/index.ts";
import { setUpStaticPods, writeEcsConfig } from "./orchestrator/index.ts";
import type { Remark } from "./remarks.ts";
import { liveDns, writeResolver } from "./resolver.ts";
import { randomSeed } from "./seed.ts";
import { templatedSetting } from "./templated-setting.ts";
import { trustedStoreOf, updateTrustedStore } from "./trust/index.ts";

interface Host {
  /** The directory under which the host's files are found: "/" on a host. */
  readonly root: string;
  readonly call: CallApi;
}

/** Our generators, by the command lines that the model names. */
export function ownGenerators({ root, call }: Host): OwnGenerators {
  const generators: ReadonlyMap<string, (argument: string) => Promise<GeneratorOutput>> = new Map([
    ["bork seed", async () => value(randomSeed())],
    [
      "netdog generate-hostname",
      async () => {
        const dns = await liveDns(call);
        return value((await awaitAddress((accept) => generateHostname(root, { accept, dns }))).hostname);
      },
    ],
    ["netdog node-ip", async () => value(await awaitAddress((accept) => nodeIp(root, { accept })))],
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

/** Restarts nothing at boot, when the unit has not run yet: the name is set here, before anything asks for it. */
const restartSetHostname = "/bin/systemctl try-restart set-hostname.service";

async function setLiveHostname({ root, call }: Host): Promise<readonly Remark[]> {
  const hostname = await liveSetting(call, "network", "hostname");
  if (typeof hostname === "string") await setHostname(root, hostname);
  return [];
}

/** Runs a restart command of ours and hands back what it says; `undefined` if the command names none. */
export type OwnRestartCommands = (command: string) => Promise<readonly Remark[]> | undefined;

/** Our restart commands, by the command lines that the services name. */
export function ownRestartCommands(host: Host & { readonly log: Log }): OwnRestartCommands {
  const { root, call, log } = host;
  const commands: ReadonlyMap<string, () => Promise<readonly Remark[]>> = new Map([
    ["certdog", async () => updateTrustedStore(trustedStoreOf(root), await liveSetting(call, "pki"))],
    [
      "host-containers",
      logging(async () =>
        setUpHostContainers(containersHost(root, log), await liveSetting(call, "host-containers")),
      ),
    ],
    [
      "bootstrap-containers create-containers",
      logging(async () =>
        setUpBootstrapContainers(containersHost(root, log), await liveSetting(call, "bootstrap-containers")),
      ),
    ],
    ["corndog sysctl", async () => applySysctls(root, await liveSetting(call, "kernel"))],
    ["corndog lockdown", async () => applyLockdown(root, await liveSetting(call, "kernel"))],
    ["netdog write-resolv-conf", () => writeResolver(host)],
    [restartSetHostname, () => setLiveHostname(host)],
    ["static-pods", async () => setUpStaticPods(root, await liveSetting(call, "kubernetes"))],
    ["ecs-settings-applier", async () => writeEcsConfig(root, await fetchModel(call))],
    [
      "prairiedog generate-boot-config",
      async () => generateBootConfig(root, await liveSetting(call, "boot")),
    ],
  ]);
  return (command) => commands.get(command.replace(/^\/usr\/bin\//, ""))?.();
}

/** Work that logs what it does by itself. */
function logging(work: () => Promise<void>): () => Promise<readonly Remark[]> {
  return async () => {
    await work();
    return [];
  };
}

/** Whether a command would do nothing, because the unit that it restarts if it runs does not run. */
export async function hasNothingToRestart(root: string, command: string): Promise<boolean> {
  const unit = unitOfTryRestart(command);
  return unit !== undefined && !(await hasProcesses(root, unit));
}
