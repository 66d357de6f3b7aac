/** Starting machines for people: `pinwheel run` stays until the machine is up, `pinwheel vm start` does not. */
import { readFile } from "node:fs/promises";
import { buildImage } from "../image/build.ts";
import { ensureSdk, type Progress, progressLines } from "../sdk/index.ts";
import { attachConsole, LEAVE_KEY } from "./attach.ts";
import { comeUp } from "./come-up.ts";
import { fail } from "./failures.ts";
import { refuseOwnDiskOptions, requireWritableDisk } from "./given-disk.ts";
import { findMachine, type Machine } from "./machine.ts";
import { publishToLab } from "./publish.ts";
import { isFromOtherImage, startMachine } from "./start.ts";
import { isRunning, readState } from "./state.ts";
import { updateCommand } from "./update-settings.ts";
import { requireRepository, updatesLog } from "./updates.ts";
import { settingsIn } from "./user-data.ts";
import { hasShellOnConsole, obstaclesIn } from "./way-in.ts";

export interface StartFlags {
  name?: string;
  userData?: string;
  net?: string;
  disk?: string;
  ephemeral?: true;
  fresh?: true;
  registry?: true;
  updates?: string;
}

/** Builds, starts, and on a terminal becomes the console, or shows how the machine comes up until it can be entered. */
export async function run(variant: string, flags: StartFlags): Promise<void> {
  const name = flags.name ?? variant;
  const progress = progressLines();
  const known = await readState(name);
  if (known !== undefined && (await isRunning(known))) {
    say(`${name} is running already.`);
    return meet(await findMachine(name), progress);
  }
  const { machine, obstacles } = await start(variant, flags, progress);
  if (!machine.hasConsoleShell && obstacles.length > 0) {
    say(`The user data keeps this command from getting in: ${obstacles.join("; ")}.`);
    say(howToReach(machine));
    return;
  }
  await meet(machine, progress, machine.consoleStart);
  if (machine.hasConsoleShell && process.stdin.isTTY && flags.ephemeral) await machine.stop();
}

/** @param from  byte of the console's log to show it from; a screenful before its end when absent */
async function meet(machine: Machine, progress: Progress, from?: number): Promise<void> {
  if (!machine.hasConsoleShell) {
    await comeUp(machine, progress);
    say(`${machine.name} is up and its API answers.\n${howToReach(machine)}`);
  } else if (process.stdin.isTTY) {
    if (from !== undefined) {
      say(howToReach(machine));
      say(`This terminal becomes its console: log in as root, without password. ${LEAVE_KEY} leaves it.\n`);
    }
    await attach(machine, from);
  } else {
    say(howToReach(machine));
    await machine.waitForApi();
    say(`${machine.name} is up and its API answers.`);
  }
}

/**
 * Builds the image and starts a machine.
 *
 * @returns it, and what in the user data keeps the lab from getting in (way-in.ts)
 */
export async function start(
  variant: string,
  flags: StartFlags,
  progress: Progress,
): Promise<{ machine: Machine; obstacles: readonly string[] }> {
  const name = flags.name ?? variant;
  const known = await readState(name);
  if (flags.disk !== undefined) {
    // Now, not after a build that may take minutes.
    refuseOwnDiskOptions(flags.disk, flags);
    await requireWritableDisk(flags.disk);
  }
  if (flags.updates !== undefined) await requireRepository(flags.updates, variant);
  const provisioning = { userData: await fileText(flags.userData), net: await fileText(flags.net) };
  const needsWayIn = !(await hasShellOnConsole(variant));
  const obstacles = needsWayIn ? obstaclesIn(await settingsIn(provisioning.userData, variant)) : [];
  const sdk = await ensureSdk(progress);
  if (flags.registry) await publishToLab(sdk, [], progress);
  const image = await buildImage(variant, { progress });
  const goesOn = known !== undefined && !flags.fresh && flags.disk === undefined && !known.ephemeral;
  if (goesOn) {
    say(
      `${name} goes on with the disk it has${flags.userData ? "; the user data is for new disks only" : ""}.`,
    );
    if (await isFromOtherImage(known, image.disk)) {
      say("That disk was made from another build of the image; --fresh starts with a new one.");
    }
  }
  const machine = await startMachine(
    sdk,
    {
      name,
      variant,
      image: image.disk,
      disk: flags.disk,
      provisioning,
      fresh: flags.fresh === true,
      ephemeral: flags.ephemeral === true,
      registry: flags.registry === true,
      updates: flags.updates,
    },
    progress,
  );
  tellOfUpdates(machine, (goesOn && known?.updates === undefined) || flags.disk !== undefined);
  return { machine, obstacles };
}

/** @param isOld  whether its disk has settings from before it was served this repository */
function tellOfUpdates(machine: Machine, isOld: boolean): void {
  const { name, variant, updates } = machine;
  if (updates === undefined) return;
  const { directory, port } = updates;
  say(
    `${directory} is served to ${name} until it stops; what it asks for is in build/vm/${name}/${updatesLog}.`,
  );
  if (isOld) say(`Its settings do not name it yet. On the host: ${updateCommand(port, variant)}`);
}

/** Connects the terminal with a machine's console and tells afterwards what became of the machine. */
export async function attach(machine: Machine, from?: number): Promise<void> {
  if (from === undefined) say(`Attached to ${machine.name}; ${LEAVE_KEY} leaves it.`);
  if (!machine.hasConsoleShell) say(`It has no login: enter the host with ${machine.sshLine}`);
  const how = await attachConsole(machine, from);
  // The console may have left the terminal in another colour or mode.
  if (process.stdout.isTTY) process.stdout.write("\x1b[0m\r\n");
  if (how === "switched off") say(`${machine.name} is switched off.`);
  else say(`${machine.name} goes on running.\n${howToReach(machine)}`);
}

/** What to type next, as lines. */
export function howToReach(machine: Machine): string {
  const { name } = machine;
  // Everything else is typed in the repository as well.
  const ssh = machine.sshLine.replace(`${process.cwd()}/`, "");
  const enter = [
    `  enter it      ${ssh}`,
    // `vm ask` has the client of the build environment.
    ...(Bun.which("ssh") === null
      ? ["                (this machine has no ssh: apt-get install openssh-client)"]
      : []),
    "                there: apiclient get settings, apiclient status; sudo sheltie is a root shell in the host",
  ];
  return [
    ...(machine.hasConsoleShell ? [] : enter),
    `  ask it        bin/pinwheel vm ask ${name} apiclient get settings.motd`,
    `  its console   bin/pinwheel vm console ${name}     (${LEAVE_KEY} leaves)`,
    `  stop it       bin/pinwheel vm stop ${name}        (its disk is kept for the next start)`,
  ].join("\n");
}

export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function fileText(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  return readFile(file, "utf8").catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw fail("lab/file-unreadable", { file, reason }, { cause });
  });
}
