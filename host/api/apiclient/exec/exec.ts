/** `apiclient exec`: a command in a host container, as if it ran here (api.md 8.8). */
import { constants } from "node:os";
import { isatty } from "node:tty";
import type { Size } from "../../exec/messages.ts";
import { CommandFailed } from "../requests.ts";
import { Capacity } from "./capacity.ts";
import { Connection } from "./connection.ts";
import { type Frame, opcodes } from "./frames.ts";
import { beginRawMode, isInteractive, terminalSize } from "./terminal.ts";

export interface Exec {
  readonly kind: "exec";
  readonly target: string;
  readonly command: readonly string[];
  /** Whether the command gets a terminal; as stdin and stdout say if that is not said. */
  readonly tty: boolean | undefined;
}

const HEARTBEAT_MS = 2000;
const SILENCE_MS = 10_000; // without a ping or pong for longer than this, the server is gone
const INPUT_BYTES = 4096; // in one message
const END_OF_INPUT = new Uint8Array([4]); // Ctrl-D, which is how input from a terminal ends

/**
 * Runs a command to its end.
 *
 * @param warn  told why there is no exit status, where the server says so
 * @returns the command's exit status; 128 + the number of a signal that ended it, or this program
 * @throws CommandFailed when the session cannot be begun, or is lost
 */
export async function exec(socketPath: string, what: Exec, warn: (text: string) => void): Promise<number> {
  const tty = what.tty ?? isInteractive();
  const over = Promise.withResolvers<number>();
  // It may be rejected before anybody waits for it.
  over.promise.catch(() => undefined);
  const session = new ClientSession(over, warn);
  const onSignal = (signal: NodeJS.Signals) => over.resolve(128 + constants.signals[signal]);
  const onWinch = () => session.resize(terminalSize());
  for (const signal of SIGNALS) process.on(signal, onSignal);
  let restore = () => {};
  try {
    const connection = await Connection.open(socketPath, session);
    session.begin(connection, what, tty);
    if (tty) {
      restore = beginRawMode();
      process.on("SIGWINCH", onWinch);
    }
    void session.sendInput(tty);
    return await over.promise;
  } finally {
    restore();
    process.off("SIGWINCH", onWinch);
    for (const signal of SIGNALS) process.off(signal, onSignal);
    session.end();
  }
}

const SIGNALS = ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP"] as const;

class ClientSession {
  private connection: Connection | undefined;
  private readonly capacity = new Capacity();
  private heart: Timer | undefined;
  private lastLifeMs = performance.now();
  private isPaused = false;

  constructor(
    private readonly over: PromiseWithResolvers<number>,
    private readonly warn: (text: string) => void,
  ) {}

  begin(connection: Connection, { target, command }: Exec, tty: boolean): void {
    this.connection = connection;
    process.stdout.on("error", () => this.over.resolve(1)); // nobody reads on, which `main` tells where it matters
    this.lastLifeMs = performance.now();
    this.heart = setInterval(() => this.beat(), HEARTBEAT_MS);
    const words = command.map((word) => ({ Unix: [...Buffer.from(word)] }));
    this.control({
      Initialize: { command: words, target, tty: tty ? { size: terminalSize() ?? null } : null },
    });
  }

  /** Sends what comes on stdin, as fast as the command takes it. */
  async sendInput(tty: boolean): Promise<void> {
    try {
      for await (const chunk of process.stdin) await this.input(chunk as Uint8Array);
    } catch (error) {
      this.warn(`Cannot read the input: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (tty && !isatty(0)) await this.input(END_OF_INPUT);
    this.control("ContentComplete");
  }

  resize(size: Size | undefined): void {
    if (size !== undefined) this.control({ Winch: size });
  }

  frames(frames: readonly Frame[]): void {
    const output: Uint8Array[] = [];
    for (const frame of frames) {
      if (frame.opcode === opcodes.binary) output.push(frame.payload);
      else this.take(frame, output);
    }
    this.print(output);
  }

  gone(why: string | undefined): void {
    const cause = why === undefined ? "" : `: ${why}`;
    this.over.reject(new CommandFailed(`The exec session was lost before the command ended${cause}`));
  }

  end(): void {
    clearInterval(this.heart);
    void this.connection?.send(opcodes.close, NORMAL);
    this.connection?.end();
  }

  private take({ opcode, payload }: Frame, output: Uint8Array[]): void {
    switch (opcode) {
      case opcodes.text: {
        const problem = this.capacity.announce(Buffer.from(payload).toString());
        if (problem !== undefined) this.over.reject(new CommandFailed(`Cannot exec: ${problem}`));
        return;
      }
      case opcodes.ping:
        this.lastLifeMs = performance.now();
        void this.connection?.send(opcodes.pong, payload);
        return;
      case opcodes.pong:
        this.lastLifeMs = performance.now();
        return;
      case opcodes.close:
        this.print(output.splice(0));
        this.closed(payload);
    }
  }

  /** The status is the reason of a normal close (api.md 7.6). */
  private closed(payload: Uint8Array): void {
    const bytes = Buffer.from(payload);
    const code = bytes.length < 2 ? undefined : bytes.readUInt16BE();
    const reason = bytes.subarray(2).toString();
    if (code === 1000 && /^\d{1,3}$/.test(reason)) {
      this.over.resolve(Number(reason));
      return;
    }
    this.warn(`The exec session was closed without an exit status: ${reason || `code ${code ?? "none"}`}`);
    this.over.resolve(1);
  }

  /** Takes nothing more from the server while whoever reads stdout is behind. */
  private print(output: readonly Uint8Array[]): void {
    if (output.length === 0) return;
    // A copy: the bytes belong to the socket.
    if (process.stdout.write(Buffer.concat(output)) || this.isPaused) return;
    this.isPaused = true;
    this.connection?.pause();
    process.stdout.once("drain", () => {
      this.isPaused = false;
      this.lastLifeMs = performance.now();
      this.connection?.resume();
    });
  }

  private async input(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += INPUT_BYTES) {
      await this.capacity.take();
      await this.connection?.send(opcodes.binary, bytes.subarray(at, at + INPUT_BYTES));
    }
  }

  private control(message: unknown): void {
    void this.connection?.send(opcodes.text, Buffer.from(JSON.stringify(message)));
  }

  private beat(): void {
    if (!this.isPaused && performance.now() - this.lastLifeMs > SILENCE_MS) {
      this.gone("the API server was silent for more than 10 s");
      return;
    }
    void this.connection?.send(opcodes.ping, new Uint8Array());
  }
}

const NORMAL = new Uint8Array([0x03, 0xe8]); // 1000
