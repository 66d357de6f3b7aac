/** A client of `/exec` that does exactly what a test says, also what no client should do. */
import { readdirSync, readFileSync } from "node:fs";
import { encodeFrame, type Frame, FrameReader, opcodes } from "../../../host/api/apiclient/exec/frames.ts";
import { keepSeen } from "./seen.ts";
import type { RunningServer } from "./server.ts";

/** How the server has ended a session; undefined code for a connection that ended without a close frame. */
export interface Closed {
  readonly code: number | undefined;
  readonly reason: string;
}

export class ExecClient {
  private readonly reader = new FrameReader();
  private readonly over = Promise.withResolvers<Closed>();
  private readonly changed: (() => void)[] = [];
  private handshake = "";
  private unsent: Uint8Array[] = [];
  private socket: Bun.Socket | undefined;
  readonly control: string[] = [];
  output = "";
  outputBytes = 0;
  answersPings = true;
  lastPongMs = performance.now();

  /** Connects; the first message has come. */
  static async open(server: RunningServer): Promise<ExecClient> {
    const client = new ExecClient();
    client.socket = await Bun.connect({
      unix: server.socket,
      socket: {
        data: (_, bytes) => client.data(bytes),
        drain: () => client.flush(),
        close: () => client.over.resolve({ code: undefined, reason: "" }),
      },
    });
    client.socket.write(HANDSHAKE);
    await client.until(() => client.control.length > 0);
    keepSeen("GET /exec 101");
    return client;
  }

  /** How the session ended. */
  get closed(): Promise<Closed> {
    return this.over.promise;
  }

  initialize(target: string, command: readonly string[], tty: object | null = null): void {
    const words = command.map((word) => ({ Unix: [...Buffer.from(word)] }));
    this.text(JSON.stringify({ Initialize: { command: words, target, tty } }));
  }

  text(message: string): void {
    this.send(encodeFrame(opcodes.text, Buffer.from(message)));
  }

  binary(bytes: Uint8Array): void {
    this.send(encodeFrame(opcodes.binary, bytes));
  }

  send(bytes: Uint8Array): void {
    this.unsent.push(bytes);
    if (this.unsent.length === 1) this.flush();
  }

  pause(): void {
    this.socket?.pause();
  }

  resume(): void {
    this.socket?.resume();
  }

  /** Goes away without a word. */
  hangUp(): void {
    this.socket?.terminate();
  }

  /** Waits until something holds that is looked at after every frame. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      const change = new Promise<"change">((resolve) => this.changed.push(() => resolve("change")));
      const first = await Promise.race([change, this.over.promise]);
      if (first !== "change" && !holds())
        throw new Error(`closed with ${first.code} ${first.reason}: ${this.output}`);
    }
  }

  private data(bytes: Buffer): void {
    let rest: Uint8Array = bytes;
    if (!this.handshake.includes("\r\n\r\n")) {
      this.handshake += bytes.toString("latin1");
      const end = this.handshake.indexOf("\r\n\r\n");
      if (end === -1) return;
      if (!this.handshake.startsWith("HTTP/1.1 101 "))
        this.over.resolve({ code: undefined, reason: this.handshake });
      rest = Buffer.from(this.handshake.slice(end + 4), "latin1");
      this.handshake = this.handshake.slice(0, end + 4);
    }
    for (const frame of this.reader.push(rest)) this.take(frame);
    for (const tell of this.changed.splice(0)) tell();
  }

  private take({ opcode, payload }: Frame): void {
    const bytes = Buffer.from(payload);
    if (opcode === opcodes.text) this.control.push(bytes.toString());
    if (opcode === opcodes.binary) {
      this.outputBytes += bytes.length;
      if (this.output.length < 100_000) this.output += bytes.toString("latin1");
    }
    if (opcode === opcodes.ping && this.answersPings) {
      this.lastPongMs = performance.now();
      this.send(encodeFrame(opcodes.pong, payload));
    }
    if (opcode === opcodes.close)
      this.over.resolve({ code: bytes.readUInt16BE(), reason: bytes.subarray(2).toString() });
  }

  private flush(): void {
    for (let [first] = this.unsent; first !== undefined; [first] = this.unsent) {
      const taken = Math.max(0, this.socket?.write(first) ?? 0);
      if (taken < first.length) {
        this.unsent[0] = first.subarray(taken);
        return;
      }
      this.unsent.shift();
    }
  }
}

const HANDSHAKE = [
  "GET /exec HTTP/1.1",
  "Host: localhost",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "\r\n",
].join("\r\n");

/** The processes of this machine that have a text on their command line. */
export function processesWith(text: string): number[] {
  return processesWhose((line) => line.includes(text));
}

/** Those that are this command: not who was told to run it, nor a shell on the way to it. */
export function processesOf(...command: readonly string[]): number[] {
  const whole = command.map((word) => `${word}\0`).join("");
  return processesWhose((line) => line === whole);
}

function processesWhose(isMeant: (commandLine: string) => boolean): number[] {
  const pids = readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && isMeant(readFileSync(`/proc/${pid}/cmdline`, "latin1"));
    } catch {
      return false; // it has ended meanwhile
    }
  });
  return pids.map(Number);
}

/** The memory of a process that is in use. */
export function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}

/** How many descriptors a process has open. */
export const descriptorsOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

/** Waits until something holds that nobody tells of. */
export async function until(holds: () => boolean, what: string, timeoutMs = 20_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`after ${timeoutMs} ms still not: ${what}`);
    await Bun.sleep(20);
  }
}
