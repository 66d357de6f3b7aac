/** `pinwheel run`, `pinwheel vm …` and `pinwheel registry …`. */
import { rm } from "node:fs/promises";
import { type Command, InvalidArgumentError } from "commander";
import { progressLines } from "../sdk/index.ts";
import { shellWord } from "./ask.ts";
import { LEAVE_KEY } from "./attach.ts";
import { findMachine, requireStopped } from "./machine.ts";
import { registerRegistry } from "./registry-command.ts";
import { attach, howToReach, run, type StartFlags, say, start } from "./run.ts";
import { isRunning, machineDirectory, machineNames, requireState } from "./state.ts";

/** Adds `run`, `vm` and `registry`. */
export function register(program: Command): void {
  startFlags(program.command("run"))
    .description(
      "build a variant's image and boot it: a development variant's console is then this terminal's, others are " +
        "started with a way in by SSH, which is printed when it works",
    )
    .action(run);
  const vm = program.command("vm").description("virtual machines in the background");
  startFlags(vm.command("start"))
    .description("start one; it keeps running when this command ends")
    .option("--disk <file>", "start from this raw disk as it is, instead of one of the machine's own")
    .action(async (variant: string, flags: StartFlags) => {
      const { machine, obstacles } = await start(variant, flags, progressLines());
      for (const obstacle of obstacles) say(`The user data keeps the lab from getting in: ${obstacle}.`);
      say(`${machine.name} is starting.\n${howToReach(machine)}`);
    });
  vm.command("list").description("which there are").action(list);
  vm.command("wait <name>")
    .description("return once its API answers")
    .option(
      "--timeout <seconds>",
      "give up after this long: some minutes, more where a container is the way in",
      seconds,
    )
    .action(async (name: string, flags: { timeout?: number }) => {
      const limitMs = flags.timeout === undefined ? undefined : flags.timeout * 1000;
      await (await findMachine(name)).waitForApi(limitMs);
    });
  vm.command("ask <name> <command...>")
    .description(
      "run a command on the host (on the console of a development variant, else through its admin container), print " +
        "what it printed, exit with its code: one word is a line for the shell, several are a program and its " +
        "arguments, exactly as given",
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
    .argument("<variant>", "a folder in variants/, such as metal-base")
    .option("--name <name>", "the machine's name; the variant's when absent")
    .option("--user-data <file>", "settings (TOML) for the first boot of a new disk")
    .option("--net <file>", "net.toml for the first boot of a new disk; DHCP when absent")
    .option("--ephemeral", "remove the machine and its disk when it stops")
    .option("--fresh", "start with a new disk, made from the image of now")
    .option(
      "--registry",
      "publish the admin and control containers to the lab's registry, and run it meanwhile; always for a variant " +
        "without a shell on its console",
    )
    .option(
      "--updates <dir>",
      "serve this update repository to it while it runs; the settings of a new disk name it, and ignore waves",
    );
}

async function list(): Promise<void> {
  const rows = [["NAME", "VARIANT", "STATE", "SSH PORT", "DISK", "CONSOLE"]];
  for (const name of await machineNames()) {
    const state = await requireState(name);
    const running = await isRunning(state);
    rows.push([
      name,
      state.variant,
      running ? `running (${state.acceleration})` : "off",
      running ? String(state.sshPort) : "-",
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

function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError("It must be a number above 0.");
  return value;
}
