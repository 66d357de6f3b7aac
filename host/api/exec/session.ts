/**
 * One exec session: messages of one client in order, one process, output back (api.md 7.2 to 7.6).
 *
 * Terms: the *line* is the connection to the client. Whatever ends a session, its process is ended too.
 */
import { failureText } from "../../linux/failure.ts";
import { type ContainerProcess, startProcess } from "./container-process.ts";
import {
  capacityText,
  closeCodes,
  type Initialize,
  MAX_OUTSTANDING,
  MESSAGES_PER_REPORT,
  parseControl,
} from "./messages.ts";
import type { Failed } from "./streams.ts";

/** The client, as a session sees it. */
export interface Line {
  text(message: string): void;
  /** Sends output. @returns false if the client is behind: nothing more may be sent before `drained` */
  output(bytes: Uint8Array): boolean;
  ping(): void;
  close(code: number, reason: string): void;
  /** Ends the connection without a close frame. */
  drop(): void;
}

/** What a session needs. */
export interface ExecOptions {
  /** The socket of the containerd that runs host containers. */
  readonly socketPath: string;
  /** Told which session has begun and how it ended; never what was run, which may be secret. */
  onEvent(text: string): void;
}

const HEARTBEAT_MS = 2000;
const SILENCE_MS = 10_000; // without a ping or pong for longer than this, the client is gone

// Messages may have 64 KiB each, though clients send 4: what waits for the process must not fill the memory.
const QUEUE_BYTES = 8 * 1024 * 1024;

export class Session {
  private process: ContainerProcess | undefined;
  private input: Uint8Array[] = [];
  private inputBytes = 0;
  private written = 0;
  private complete = false;
  private writing = false;
  private over = false;
  private lastLifeMs = performance.now();
  private readonly heart: Timer;
  private behind: PromiseWithResolvers<void> | undefined;

  /** @param line  the client, to whom the first message is sent at once */
  constructor(
    private readonly line: Line,
    private readonly options: ExecOptions,
  ) {
    line.text(capacityText(0));
    this.heart = setInterval(() => this.beat(), HEARTBEAT_MS);
  }

  control(text: string): void {
    if (this.over) return;
    const message = parseControl(text);
    if ("problem" in message) {
      this.end(closeCodes.badControl, message.problem);
      return;
    }
    switch (message.kind) {
      case "initialize":
        this.start(message);
        break;
      case "winch":
        this.process?.resize(message.size);
        break;
      case "content-complete":
        if (this.process === undefined) this.end(closeCodes.refused, TOO_EARLY);
        else {
          this.complete = true;
          void this.write(this.process);
        }
    }
  }

  binary(bytes: Uint8Array): void {
    if (this.over) return;
    if (this.process === undefined) {
      this.end(closeCodes.refused, TOO_EARLY);
      return;
    }
    if (this.complete) return;
    if (this.input.length >= MAX_OUTSTANDING || this.inputBytes + bytes.length > QUEUE_BYTES) {
      this.end(closeCodes.tooMuch, "More input was sent than capacity was announced for");
      return;
    }
    this.input.push(bytes);
    this.inputBytes += bytes.length;
    void this.write(this.process);
  }

  /** A ping or pong has come. */
  alive(): void {
    this.lastLifeMs = performance.now();
  }

  /** The client has taken what was sent. */
  drained(): void {
    this.behind?.resolve();
    this.behind = undefined;
  }

  /** The connection is gone, or the server stops. */
  closed(): void {
    if (!this.over) this.options.onEvent("the client has gone");
    this.finish();
  }

  /** Ends the session from this side. */
  end(code: number, reason: string): void {
    if (this.over) return;
    this.options.onEvent(`closed with ${code}: ${reason}`);
    this.finish();
    this.line.close(code, reason);
  }

  private start({ target, command, tty }: Initialize): void {
    if (this.process !== undefined) {
      this.end(closeCodes.refused, "This session was initialized before");
      return;
    }
    if (target === "" || target.startsWith("-")) {
      this.end(closeCodes.refused, "The target is not the name of a container");
      return;
    }
    try {
      this.process = startProcess({
        socketPath: this.options.socketPath,
        target,
        command,
        tty,
        output: (bytes) => this.output(bytes),
      });
    } catch (error) {
      this.end(closeCodes.failed, `Cannot start the command: ${failureText(error)}`);
      return;
    }
    this.options.onEvent(`${this.process.id} in ${target}${tty === undefined ? "" : " with a terminal"}`);
    void this.process.ended.then((status) => this.end(closeCodes.exited, String(status)));
  }

  private output(bytes: Uint8Array): Promise<void> | undefined {
    // What still comes from a process that is being ended is for nobody.
    if (this.over || this.line.output(bytes)) return undefined;
    this.behind ??= Promise.withResolvers();
    return this.behind.promise;
  }

  /** Writes what waits, one message after another. */
  private async write(process: ContainerProcess): Promise<void> {
    if (this.writing) return;
    this.writing = true;
    let failed: Failed | undefined;
    while (this.input.length > 0 && failed === undefined && !this.over) {
      // The message in hand counts as waiting until it is written.
      const [bytes = NO_BYTES] = this.input;
      const outcome = process.write(bytes);
      failed = outcome instanceof Promise ? await outcome : outcome;
      this.input.shift();
      this.inputBytes -= bytes.length;
      this.written += 1;
      if (failed === undefined && !this.over && this.written % MESSAGES_PER_REPORT === 0)
        this.line.text(capacityText(this.written));
    }
    this.writing = false;
    if (this.over) return;
    if (failed !== undefined) {
      this.end(closeCodes.failed, `Cannot write to the command: ${failed.why}`);
      return;
    }
    if (this.complete) process.endInput();
  }

  private beat(): void {
    if (performance.now() - this.lastLifeMs <= SILENCE_MS) {
      this.line.ping();
      return;
    }
    this.options.onEvent("the client was silent for more than 10 s");
    this.finish();
    this.line.drop();
  }

  /** Everything but the line, which may be closed or be gone. */
  private finish(): void {
    if (this.over) return;
    this.over = true;
    clearInterval(this.heart);
    this.input = [];
    this.drained();
    this.process?.end();
  }
}

const TOO_EARLY = "Initialize has to come first";
const NO_BYTES = new Uint8Array();
