/** prairiedog: boot parameters of this host and of its next start (specification "platform" 7). */
import { setTimeout as wait } from "node:timers/promises";
import { lastValue, scanArguments } from "../api/index.ts";
import { Failure, failureText } from "../linux/failure.ts";
import { type Log, log, parseLogLevel } from "../linux/log.ts";
import { mountFatReadOnly } from "../linux/mount.ts";
import { endText, run } from "../linux/process.ts";
import { generateBootConfig, generateBootSettings } from "../platform/boot-config.ts";
import { reconcileBoot } from "../platform/boot-config-reconcile.ts";
import { tell } from "../platform/remarks.ts";
import { readHostSets } from "../update/index.ts";
import { readMember } from "./settings-member.ts";

const USAGE = `Keeps the parameters of this host's next start and its settings the same.

Usage: prairiedog [OPTIONS] COMMAND

  prepare-boot              mount the boot partition of the active set on /boot
  generate-boot-config      write the boot configuration from settings.boot
  generate-boot-settings    print the running boot configuration as JSON, for settings.boot
  reboot-if-required        reboot if settings.boot asks for it and differs from what is running
  -s, --socket-path PATH    the API's socket (default /run/api.sock)
  -l, --log-level LEVEL     off, error, warn, info, debug or trace (default info)
  --help                    this text
`;

const ROOT = "/";
/** How often the wait for the reboot says that it still waits. */
const WAITING_LINE_MS = 5000;

interface Context {
  readonly socketPath: string;
  readonly say: Log;
}

const commands: ReadonlyMap<string, (context: Context) => Promise<number>> = new Map([
  ["prepare-boot", runPrepareBoot],
  ["generate-boot-config", runGenerateBootConfig],
  ["generate-boot-settings", runGenerateBootSettings],
  ["reboot-if-required", runRebootIfRequired],
]);

/** @returns 0; 1 for a failure and for a wrong command line; 2 if no boot configuration is running */
export async function main(args: readonly string[]): Promise<number> {
  const scanned = scanArguments(args, [
    { names: ["--socket-path", "-s"], takesValue: true },
    { names: ["--log-level", "-l"], takesValue: true },
    { names: ["--help", "-h"], takesValue: false },
  ]);
  if ("problem" in scanned) return wrong(scanned.problem);
  if (scanned.options.has("--help")) {
    process.stdout.write(USAGE);
    return 0;
  }
  const level = parseLogLevel(lastValue(scanned, "--log-level") ?? "info");
  if (level === undefined) return wrong("--log-level is none of off, error, warn, info, debug, trace");
  const [name, ...more] = scanned.words;
  const command = commands.get(name ?? "");
  if (command === undefined || more.length > 0) {
    return wrong(name === undefined ? "a command is missing" : `unknown command ${scanned.words.join(" ")}`);
  }
  const say = log("prairiedog", level);
  try {
    return await command({ socketPath: lastValue(scanned, "--socket-path") ?? "/run/api.sock", say });
  } catch (error) {
    say.error(`${name}: ${failureText(error)}`);
    if (error instanceof Failure) say.error(`try: ${error.hint}`);
    return 1;
  }
}

function wrong(problem: string): number {
  process.stderr.write(`prairiedog: ${problem}\n\n${USAGE}`);
  return 1;
}

async function runPrepareBoot({ say }: Context): Promise<number> {
  const { active, sets } = await readHostSets({ root: ROOT });
  await mountFatReadOnly(sets[active].boot, "/boot");
  say.info(`Mounted ${sets[active].boot} of set ${active} on /boot`);
  return 0;
}

async function runGenerateBootConfig({ socketPath, say }: Context): Promise<number> {
  tell(say, await generateBootConfig(ROOT, await readMember(socketPath, "boot")));
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

async function runRebootIfRequired({ socketPath, say }: Context): Promise<number> {
  const decision = await reconcileBoot(ROOT, await readMember(socketPath, "boot"));
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
