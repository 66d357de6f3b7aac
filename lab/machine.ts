/**
 * Virtual machines: start, ask, wait for, reboot, stop, and cut the power of them.
 *
 * A machine's disk outlives the machine: after `stop` or `cut` the next start with the same name goes on with it.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { ensureSdk, silentProgress, ToolFailure, takeLock } from "../sdk/index.ts";
import { type Answer, type AskOutcome, askOver } from "./ask.ts";
import { askOverSsh } from "./ask-over-ssh.ts";
import { consoleFrom, consoleSize, consoleTail, plainText } from "./console-log.ts";
import { pressPowerButton } from "./control.ts";
import { fail } from "./failures.ts";
import { files } from "./qemu.ts";
import { stopUnusedRegistry } from "./registry.ts";
import { openStream } from "./socket.ts";
import { sshCommand, sshLine } from "./ssh.ts";
import { isRunning, type MachineState, machineDirectory, requireState } from "./state.ts";
import { stopUpdates } from "./updates.ts";
import type { VolatileDisk } from "./volatile-disk.ts";

const ASK_MS = 60_000;
const BOOT_MS = 240_000; // 25 to 40 s under emulation on an idle machine; a busy one takes several times that
// Where the way in is a container: software emulation takes a minute of processor time to pull and unpack it.
const WAY_IN_MS = 600_000;
const STOP_MS = 60_000; // the host's own limits add up to 20 s (specification "os-image" 3.1), times a slow machine
const REBOOT_ANSWER_MS = 20_000;
const ATTEMPT_MS = 20_000; // a question takes 0.1 s, with a program of ours 0.5 s; a busy machine takes longer
const CONNECTION_MS = 10_000;
const POLL_MS = 100;
const PRESS_AGAIN_MS = 10_000;
const API_QUESTION = "apiclient raw -u /tx/list";

export interface AskOptions {
  /** For getting a shell, and for the command. */
  readonly timeoutMs?: number;
  /** For the command, when it shall be shorter. */
  readonly commandMs?: number;
}

/** A machine that was started; it may have stopped since. */
export class Machine {
  readonly name: string;
  readonly directory: string;
  /** The raw disk image. To be changed only while the machine is stopped. */
  readonly disk: string;
  /** The log of the serial console, from the first power-on. */
  readonly console: string;
  readonly #state: MachineState;
  readonly #volatile: VolatileDisk | undefined;

  /** @param volatile  the machine's disk when it has a write cache; it loses its power with the machine */
  constructor(state: MachineState, volatile?: VolatileDisk) {
    this.#volatile = volatile;
    this.name = state.name;
    this.directory = machineDirectory(state.name);
    this.disk = state.disk;
    this.console = join(this.directory, files.consoleLog);
    this.#state = state;
  }

  /** Process id of QEMU. */
  get pid(): number {
    return this.#state.pid;
  }

  /** Byte in the console's log at which the present start began. */
  get consoleStart(): number {
    return this.#state.consoleFrom;
  }

  /** What its image is of. */
  get variant(): string {
    return this.#state.variant;
  }

  /** Whether it is asked on its console; if not, through its admin container. */
  get hasConsoleShell(): boolean {
    return this.#state.hasConsoleShell;
  }

  /** The repository that it is updated from, if the lab serves one. */
  get updates(): MachineState["updates"] {
    return this.#state.updates;
  }

  /** Port of this machine's loopback address at which the host's port 22 is. */
  get sshPort(): number {
    return this.#state.sshPort;
  }

  /** What to type for a shell in its admin container. */
  get sshLine(): string {
    return sshLine(this.directory, this.name);
  }

  /** How long a start may take until a shell answers. */
  get #bootMs(): number {
    return this.hasConsoleShell ? BOOT_MS : WAY_IN_MS;
  }

  isRunning(): Promise<boolean> {
    return isRunning(this.#state);
  }

  /**
   * Runs a command in a root shell of the host: on its second console where the variant has shells there, else over SSH
   * through its admin container; questions asked at the same time are answered one after another.
   *
   * @param command  a line (or several) for bash; its standard input is empty
   * @throws lab/not-running, lab/ask-timeout, lab/no-shell, lab/no-way-in, lab/connection-lost,
   *   lab/ended, lab/ask-busy, lab/ask-garbled
   */
  async ask(command: string, options: AskOptions = {}): Promise<Answer> {
    const { name } = this;
    const timeoutMs = options.timeoutMs ?? ASK_MS;
    const commandMs = options.commandMs ?? timeoutMs;
    const seconds = timeoutMs / 1000;
    if (!(await this.isRunning())) throw fail("lab/not-running", { name, variant: this.variant });
    const lock = await takeLock(join(this.directory, "ask.lock"), timeoutMs);
    if (lock === undefined) throw fail("lab/ask-busy", { name, seconds });
    try {
      const outcome = this.hasConsoleShell
        ? await this.#askUntil(performance.now() + timeoutMs, command, commandMs)
        : await this.#askOverSsh(command, timeoutMs, commandMs);
      switch (outcome.kind) {
        case "answered":
          return outcome.answer;
        case "no-shell":
          throw fail("lab/no-shell", { name, seconds, console: await this.consoleTail() });
        case "no-way-in": {
          const { reason } = outcome;
          throw fail("lab/no-way-in", { name, seconds, reason, console: await this.consoleTail() });
        }
        case "connection-lost":
          throw fail("lab/connection-lost", { name, command });
        case "timeout": {
          const facts = { name, command, seconds: commandMs / 1000, console: await this.consoleTail() };
          throw fail("lab/ask-timeout", facts);
        }
        case "closed":
          throw fail("lab/ended", { name, doing: `it ran: ${command}`, console: await this.consoleTail() });
        case "garbled":
          throw fail("lab/ask-garbled", { name, command, received: outcome.received.slice(-2000) });
      }
    } finally {
      lock.release();
    }
  }

  /** A connection that lives through a reboot of the host may stay deaf: no shell for a while means a new one. */
  async #askUntil(deadline: number, command: string, commandMs: number): Promise<AskOutcome> {
    for (;;) {
      const stream = await openStream(join(this.directory, files.askSocket)).catch(() => undefined);
      if (stream === undefined) return { kind: "closed" };
      try {
        const left = deadline - performance.now();
        const outcome = await askOver(stream, command, Math.min(left, CONNECTION_MS), commandMs);
        if (outcome.kind !== "no-shell" || left <= CONNECTION_MS) return outcome;
      } finally {
        stream.close();
      }
    }
  }

  async #askOverSsh(command: string, timeoutMs: number, commandMs: number): Promise<AskOutcome> {
    const sdk = await ensureSdk(silentProgress);
    const connect = (line: string) => sshCommand(sdk, this.directory, this.name, [line]);
    return askOverSsh(connect, () => this.isRunning(), command, timeoutMs, commandMs);
  }

  /** Returns once the API server answers a request. */
  waitForApi(timeoutMs = this.#bootMs): Promise<void> {
    return this.waitUntil(API_QUESTION, timeoutMs);
  }

  /** Returns once every job of the boot is done: multi-user reached, or what stands in its way has failed. */
  async waitForBoot(timeoutMs = this.#bootMs): Promise<void> {
    await this.waitUntil(
      `case $(systemctl is-system-running) in running|degraded) ;; *) false;; esac`,
      timeoutMs,
    );
  }

  /**
   * Asks this again and again until it exits with 0.
   *
   * @throws lab/wait-timeout with the end of the console; lab/ended when the machine went away
   */
  async waitUntil(command: string, timeoutMs = this.#bootMs): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    const late = async (what: string) =>
      fail("lab/wait-timeout", {
        name: this.name,
        what,
        seconds: timeoutMs / 1000,
        console: await this.consoleTail(),
      });
    for (let last = "no shell yet"; ; await Bun.sleep(POLL_MS)) {
      const left = deadline - performance.now();
      if (left <= 0) throw await late(`${command} → ${last}`);
      // A shell that a shutdown or a finished boot takes away never answers: one attempt does not get all the time.
      const answer = await this.ask(command, {
        timeoutMs: left,
        commandMs: Math.min(left, ATTEMPT_MS),
      }).catch(noAnswer);
      if (answer?.exitCode === 0) return;
      last = answer === undefined ? "no answer" : `exit code ${answer.exitCode}: ${answer.output.trim()}`;
    }
  }

  /**
   * Waits for a text on the serial console, escape sequences left out.
   *
   * @param from  byte of the log to start at; the present start's beginning when absent
   * @returns the console from there on
   */
  async waitForConsole(
    text: string | RegExp,
    timeoutMs = BOOT_MS,
    from = this.consoleStart,
  ): Promise<string> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const running = await this.isRunning();
      const seen = await this.consoleText(from);
      if (typeof text === "string" ? seen.includes(text) : text.test(seen)) return seen;
      const facts = { name: this.name, console: await this.consoleTail() };
      if (!running) throw fail("lab/ended", { ...facts, doing: `its console was expected to say ${text}` });
      if (performance.now() > deadline) {
        throw fail("lab/wait-timeout", { ...facts, what: `console ${text}`, seconds: timeoutMs / 1000 });
      }
      await Bun.sleep(POLL_MS);
    }
  }

  async consoleText(from = this.consoleStart): Promise<string> {
    return plainText(await consoleFrom(this.console, from));
  }

  /** Bytes the console has written so far, over all starts. */
  consoleSize(): Promise<number> {
    return consoleSize(this.console);
  }

  consoleTail(lines?: number): Promise<string> {
    return consoleTail(this.console, lines);
  }

  /** Reboots through the API and returns once the new boot has a shell; the same QEMU goes on. */
  async reboot(timeoutMs = this.#bootMs): Promise<void> {
    const before = (await this.ask("cat /proc/sys/kernel/random/boot_id", { timeoutMs })).output.trim();
    // The shutdown may end the shell before it has told the exit code; the boot id is what counts.
    const asked = await this.ask("apiclient reboot", { timeoutMs: REBOOT_ANSWER_MS }).catch(noAnswer);
    if (asked !== undefined && asked.exitCode !== 0) {
      throw new Error(`apiclient reboot: exit code ${asked.exitCode}: ${asked.output}`);
    }
    // The old boot may still answer while it goes down.
    await this.waitUntil(`test $(cat /proc/sys/kernel/random/boot_id) != ${before}`, timeoutMs);
  }

  /** A power cut: QEMU is killed, nothing is written any more; what a volatile cache holds is lost in part. */
  async cut(): Promise<void> {
    if (await this.isRunning()) process.kill(this.#state.pid, "SIGKILL");
    while (await this.isRunning()) await Bun.sleep(POLL_MS);
    this.#volatile?.cut();
    await this.#leaveLab();
  }

  /**
   * Presses the power button, and cuts the power when the host has not shut down within the limit.
   *
   * @returns which of the two ended it
   */
  async stop(timeoutMs = STOP_MS): Promise<"stopped" | "cut"> {
    const deadline = performance.now() + timeoutMs;
    let pressAtMs = performance.now();
    while (await this.isRunning()) {
      const now = performance.now();
      if (now > deadline) {
        await this.cut();
        return "cut";
      }
      // A host that still boots has nobody who hears the button, so it is pressed again, as a person would.
      if (now >= pressAtMs) {
        await this.#pressPowerButton();
        pressAtMs = performance.now() + PRESS_AGAIN_MS;
      }
      await Bun.sleep(POLL_MS);
    }
    this.#volatile?.close();
    await this.#leaveLab();
    return "stopped";
  }

  async #pressPowerButton(): Promise<void> {
    try {
      await pressPowerButton(join(this.directory, files.controlSocket));
    } catch (error) {
      // The machine may have ended since it was looked at, and its button with it.
      if (await this.isRunning()) throw error;
    }
  }

  async #leaveLab(): Promise<void> {
    await stopUpdates(this.directory);
    if (this.#state.ephemeral) await rm(this.directory, { recursive: true, force: true });
    if (this.#state.registry) await stopUnusedRegistry();
  }
}

/** The machine of this name, running or not. @throws lab/no-machine */
export async function findMachine(name: string): Promise<Machine> {
  return new Machine(await requireState(name));
}

/** @throws lab/already-running */
export async function requireStopped(state: MachineState | undefined): Promise<void> {
  if (state !== undefined && (await isRunning(state)))
    throw fail("lab/already-running", { name: state.name });
}

function noAnswer(error: unknown): undefined {
  const lost = ["lab/ask-timeout", "lab/no-shell", "lab/no-way-in", "lab/connection-lost", "lab/ask-garbled"];
  if (!(error instanceof ToolFailure) || !lost.includes(error.code)) throw error;
}
