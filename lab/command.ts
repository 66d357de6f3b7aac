/** `pinwheel run`, `pinwheel vm …` and `pinwheel registry …`. */
import { readFile, rm } from "node:fs/promises";
import { type Command, InvalidArgumentError } from "commander";
import { buildImage } from "../image/build.ts";
import { ensureSdk, progressLines } from "../sdk/index.ts";
import { shellWord } from "./ask.ts";
import { attachConsole, LEAVE_KEY } from "./attach.ts";
import { fail } from "./failures.ts";
import { refuseOwnDiskOptions, requireWritableDisk } from "./given-disk.ts";
import { findMachine, type Machine, requireStopped } from "./machine.ts";
import { publishToLab } from "./publish.ts";
import { registerRegistry } from "./registry-command.ts";
import { isFromOtherImage, startMachine } from "./start.ts";
import { isRunning, machineDirectory, machineNames, readState, requireState } from "./state.ts";

interface StartFlags {
  name?: string;
  userData?: string;
  net?: string;
  disk?: string;
  ephemeral?: true;
  fresh?: true;
  registry?: true;
}

/** Adds `run`, `vm` and `registry`. */
export function register(program: Command): void {
  startFlags(program.command("run"))
    .description("build a variant's image, boot it and attach to its console")
    .action(run);
  const vm = program.command("vm").description("virtual machines in the background");
  startFlags(vm.command("start"))
    .description("start one; it keeps running when this command ends")
    .option("--disk <file>", "start from this raw disk as it is, instead of one of the machine's own")
    .action(async (variant: string, flags: StartFlags) => {
      const { machine } = await start(variant, flags);
      say(`${machine.name} is starting.\n${howToReach(machine.name)}`);
    });
  vm.command("list").description("which there are").action(list);
  vm.command("wait <name>")
    .description("return once its API answers")
    .option("--timeout <seconds>", "give up after this long", seconds, 240)
    .action(async (name: string, flags: { timeout: number }) => {
      await (await findMachine(name)).waitForApi(flags.timeout * 1000);
    });
  vm.command("ask <name> <command...>")
    .description(
      "run a command on the host, print what it printed, exit with its code: one word is a line for the shell, " +
        "several are a program and its arguments, exactly as given",
    )
    .option("--timeout <seconds>", "interrupt it after this long", seconds, 60)
    .passThroughOptions()
    .action(ask);
  vm.command("console <name>")
    .description(`attach to its console; ${LEAVE_KEY} leaves`)
    .action(async (name: string) => attach(await findMachine(name)));
  vm.command("cut <name>")
    .description("cut its power")
    .action(async (name: string) => (await findMachine(name)).cut());
  vm.command("stop <name>")
    .description("press its power button; cut the power if it does not shut down in time")
    .option("--timeout <seconds>", "how long it may take", seconds, 60)
    .action(async (name: string, flags: { timeout: number }) => {
      const how = await (await findMachine(name)).stop(flags.timeout * 1000);
      if (how === "cut") say(`${name} did not shut down within ${flags.timeout} s; its power was cut.`);
    });
  vm.command("remove <name>")
    .description("delete a stopped one with its disk")
    .action(async (name: string) => {
      await requireStopped(await requireState(name));
      await rm(machineDirectory(name), { recursive: true });
    });
  registerRegistry(program);
}

function startFlags(command: Command): Command {
  return command
    .argument("<variant>", "a folder in variants/, such as metal-dev")
    .option("--name <name>", "the machine's name; the variant's when absent")
    .option("--user-data <file>", "settings (TOML) for the first boot of a new disk")
    .option("--net <file>", "net.toml for the first boot of a new disk; DHCP when absent")
    .option("--ephemeral", "remove the machine and its disk when it stops")
    .option("--fresh", "start with a new disk, made from the image of now")
    .option(
      "--registry",
      "publish the admin and control containers to the lab's registry, and run it meanwhile",
    );
}

async function run(variant: string, flags: StartFlags): Promise<void> {
  const name = flags.name ?? variant;
  const known = await readState(name);
  if (known !== undefined && (await isRunning(known))) {
    say(`${name} is running already.`);
    return attach(await findMachine(name));
  }
  const { machine } = await start(variant, flags);
  say(howToReach(machine.name));
  if (process.stdin.isTTY) {
    say(`This terminal becomes its console: log in as root, without password. ${LEAVE_KEY} leaves it.\n`);
    await attach(machine, machine.consoleStart);
    if (flags.ephemeral) await machine.stop();
    return;
  }
  await machine.waitForApi();
  say(`${name} is up and its API answers.`);
}

async function start(variant: string, flags: StartFlags): Promise<{ machine: Machine }> {
  const progress = progressLines();
  if (flags.disk !== undefined) {
    // Now, not after a build that may take minutes.
    refuseOwnDiskOptions(flags.disk, flags);
    await requireWritableDisk(flags.disk);
  }
  const provisioning = { userData: await fileText(flags.userData), net: await fileText(flags.net) };
  const sdk = await ensureSdk(progress);
  if (flags.registry) await publishToLab(sdk, [], progress);
  const image = await buildImage(variant, { progress });
  const name = flags.name ?? variant;
  const known = await readState(name);
  if (known !== undefined && !flags.fresh && flags.disk === undefined && !known.ephemeral) {
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
      image: image.disk,
      disk: flags.disk,
      provisioning,
      fresh: flags.fresh === true,
      ephemeral: flags.ephemeral === true,
      registry: flags.registry === true,
    },
    progress,
  );
  return { machine };
}

async function list(): Promise<void> {
  const rows = [["NAME", "STATE", "DISK", "CONSOLE"]];
  for (const name of await machineNames()) {
    const state = await requireState(name);
    const running = await isRunning(state);
    rows.push([
      name,
      running ? `running (${state.acceleration})` : "off",
      state.disk,
      (await findMachine(name)).console,
    ]);
  }
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of rows) {
    process.stdout.write(
      `${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd()}\n`,
    );
  }
}

async function ask(name: string, words: string[], flags: { timeout: number }): Promise<void> {
  const machine = await findMachine(name);
  const [only = ""] = words;
  const command = words.length === 1 ? only : words.map(shellWord).join(" ");
  const answer = await machine.ask(command, { timeoutMs: flags.timeout * 1000 });
  process.stdout.write(answer.bytes);
  process.exitCode = answer.exitCode;
}

async function attach(machine: Machine, from?: number): Promise<void> {
  if (from === undefined) say(`Attached to ${machine.name}; ${LEAVE_KEY} leaves it.`);
  const how = await attachConsole(machine, from);
  // The console may have left the terminal in another colour or mode.
  if (process.stdout.isTTY) process.stdout.write("\x1b[0m\r\n");
  if (how === "switched off") say(`${machine.name} is switched off.`);
  else say(`${machine.name} goes on running.\n${howToReach(machine.name)}`);
}

function howToReach(name: string): string {
  return [
    `  ask it        bin/pinwheel vm ask ${name} apiclient get settings.motd`,
    `  its console   bin/pinwheel vm console ${name}     (${LEAVE_KEY} leaves)`,
    `  stop it       bin/pinwheel vm stop ${name}        (its disk is kept for the next start)`,
  ].join("\n");
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError("It must be a number above 0.");
  return value;
}

async function fileText(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  return readFile(file, "utf8").catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw fail("lab/file-unreadable", { file, reason }, { cause });
  });
}
