/** prairiedog: boot parameters of this host and of its next start (specification "platform" 7). */
import { setTimeout as wait } from "node:timers/promises";
import type { Log } from "../linux/log.ts";
import { mountFatReadOnly } from "../linux/mount.ts";
import { endText, run } from "../linux/process.ts";
import { generateBootConfig, generateBootSettings } from "../platform/boot-config.ts";
import { reconcileBoot } from "../platform/boot-config-reconcile.ts";
import { tell } from "../platform/remarks.ts";
import { readHostSets } from "../update/index.ts";
import {
  apiOf,
  type CommandShape,
  type Given,
  type ProgramShape,
  runCommandOf,
  socketOption,
} from "./program.ts";
import { readMember } from "./settings-member.ts";

const shape: Omit<ProgramShape, "commands"> = {
  name: "prairiedog",
  about: "Keeps the parameters of this host's next start and its settings the same.",
  commandLine: "subcommand",
  options: [socketOption],
};

const ROOT = "/";
/** How often the wait for the reboot says that it still waits. */
const WAITING_LINE_MS = 5000;

const commands: Readonly<Record<string, CommandShape>> = {
  "prepare-boot": { about: "mount the boot partition of the active set on /boot", run: runPrepareBoot },
  "generate-boot-config": {
    about: "write the boot configuration from settings.boot",
    run: runGenerateBootConfig,
  },
  "generate-boot-settings": {
    about: "print the running boot configuration as JSON, for settings.boot",
    run: runGenerateBootSettings,
  },
  "reboot-if-required": {
    about: "reboot if settings.boot asks for it and differs from what is running",
    run: runRebootIfRequired,
  },
};

/** @returns 0; 1 for a failure and for a wrong command line; 2 if no boot configuration is running */
export function main(args: readonly string[]): Promise<number> {
  return runCommandOf(shape, commands, args);
}

async function runPrepareBoot(_given: Given, say: Log): Promise<number> {
  const { active, sets } = await readHostSets({ root: ROOT });
  await mountFatReadOnly(sets[active].boot, "/boot");
  say.info(`Mounted ${sets[active].boot} of set ${active} on /boot`);
  return 0;
}

async function runGenerateBootConfig(given: Given, say: Log): Promise<number> {
  tell(say, await generateBootConfig(ROOT, await readMember(apiOf(given).socketPath, "boot")));
  return 0;
}

async function runGenerateBootSettings(): Promise<number> {
  const value = await generateBootSettings(ROOT);
  if (value === undefined) {
    // Code 2 tells the caller to leave the setting unset. Empty output with code 0 would be a failure to it.
    process.stderr.write("This start has no boot configuration; settings.boot stays unset\n");
    return 2;
  }
  process.stdout.write(`${JSON.stringify(value)}\n`);
  return 0;
}

async function runRebootIfRequired(given: Given, say: Log): Promise<number> {
  const decision = await reconcileBoot(ROOT, await readMember(apiOf(given).socketPath, "boot"));
  switch (decision.kind) {
    case "continue":
      say.info(`No reboot is needed: ${decision.reason}`);
      return 0;
    case "give-up":
      say.error(
        `The boot parameters of the settings are not in effect after ${decision.reboots} reboots; going on without`,
      );
      return 0;
    case "reboot":
      return await reboot(say);
  }
}

/** Reboots, and returns only if that cannot be done: the boot must not go on meanwhile. */
async function reboot(say: Log): Promise<number> {
  say.info("The boot parameters differ from settings.boot: rebooting to bring them into effect");
  const result = await run(["/usr/bin/systemctl", "reboot"]);
  if (result.exitCode !== 0) {
    say.error(`systemctl reboot: ${endText(result)}: ${result.stderr.trim()}`);
    return 1;
  }
  for (;;) {
    await wait(WAITING_LINE_MS);
    say.info("Waiting for the reboot");
  }
}
