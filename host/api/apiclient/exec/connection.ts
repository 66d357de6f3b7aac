/** The connection of an exec session: handshake, then frames both ways, each side held up when the other is slow. */
import { createHash } from "node:crypto";
import { whyUnreachable } from "../../client.ts";
import { CommandFailed } from "../requests.ts";
import { encodeFrame, type Frame, FrameReader, type opcodes } from "./frames.ts";

/** Told what comes. */
export interface Receiver {
  /** Frames that came together, in order. */
  frames(frames: readonly Frame[]): void;
  /** The connection is gone; `why` says what went wrong, if anything did. */
  gone(why: string | undefined): void;
}

export class Connection {
  private unsent: Uint8Array[] = [];
  private allSent: PromiseWithResolvers<void> | undefined;
  private isGone = false;

  private constructor(private readonly socket: Bun.Socket) {}

  /**
   * Connects and makes the handshake.
   *
   * @throws CommandFailed with the socket and the cause, or the status that was answered
   */
  static async open(socketPath: string, receiver: Receiver): Promise<Connection> {
    const key = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64");
    const answered = Promise.withResolvers<string>();
    let head = "";
    let reader: FrameReader | undefined;
    let connection: Connection | undefined;
    const frames = (bytes: Uint8Array, from: FrameReader) => {
      try {
        receiver.frames(from.push(bytes));
      } catch (error) {
        receiver.gone(error instanceof Error ? error.message : String(error));
      }
    };
    const gone = (why: string | undefined) => {
      answered.reject(new CommandFailed(`Cannot exec: the API server at ${socketPath} hung up`));
      if (connection !== undefined) connection.isGone = true;
      connection?.allSent?.resolve();
      receiver.gone(why);
    };
    const data = (_: Bun.Socket, bytes: Buffer) => {
      if (reader !== undefined) {
        frames(bytes, reader);
        return;
      }
      head += bytes.toString("latin1");
      const end = head.indexOf("\r\n\r\n");
      if (end === -1) return;
      reader = new FrameReader();
      answered.resolve(head.slice(0, end));
      const first = Buffer.from(head.slice(end + 4), "latin1");
      // After whoever waits for the answer has looked at it.
      if (first.length > 0) queueMicrotask(() => frames(first, reader ?? new FrameReader()));
    };
    const socket = await Bun.connect({
      unix: socketPath,
      socket: {
        data,
        drain: () => connection?.flush(),
        close: () => gone(undefined),
        error: (_, error) => gone(error.message),
      },
    }).catch((error: unknown) => {
      throw new CommandFailed(
        `Cannot exec: cannot reach the API server at ${socketPath}: ${whyUnreachable(socketPath, error)}`,
        { cause: error },
      );
    });
    connection = new Connection(socket);
    connection.write(Buffer.from(`${HANDSHAKE}Sec-WebSocket-Key: ${key}\r\n\r\n`));
    checkAnswer(await answered.promise, key);
    return connection;
  }

  /** Sends a frame. Resolves when the connection can take more; never rejects: `gone` tells. */
  send(opcode: (typeof opcodes)[keyof typeof opcodes], payload: Uint8Array): Promise<void> | undefined {
    this.write(encodeFrame(opcode, payload));
    return this.allSent?.promise;
  }

  /** Takes nothing from the server until `resume`. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Hangs up, once everything is sent. */
  end(): void {
    this.socket.end();
  }

  private write(bytes: Uint8Array): void {
    if (this.isGone) return;
    this.unsent.push(bytes);
    if (this.unsent.length === 1) this.flush();
  }

  private flush(): void {
    for (let [first] = this.unsent; first !== undefined; [first] = this.unsent) {
      const taken = Math.max(0, this.socket.write(first));
      if (taken < first.length) {
        this.unsent[0] = first.subarray(taken);
        this.allSent ??= Promise.withResolvers();
        return;
      }
      this.unsent.shift();
    }
    this.allSent?.resolve();
    this.allSent = undefined;
  }
}

const HANDSHAKE = `GET /exec HTTP/1.1
Host: localhost
Connection: Upgrade
Upgrade: websocket
Sec-WebSocket-Version: 13
`.replaceAll("\n", "\r\n");

// What every WebSocket server adds to the key, to show that it knows the protocol (RFC 6455 1.3).
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** @throws CommandFailed */
function checkAnswer(head: string, key: string): void {
  const [statusLine = "", ...headers] = head.split("\r\n");
  const status = statusLine.split(" ").slice(1).join(" ");
  if (!status.startsWith("101"))
    throw new CommandFailed(`Cannot exec: GET /exec was answered with ${status}`);
  const accept = createHash("sha1")
    .update(key + GUID)
    .digest("base64");
  const right = headers.some((header) => /^sec-websocket-accept:\s*(.*?)\s*$/i.exec(header)?.[1] === accept);
  if (!right)
    throw new CommandFailed("Cannot exec: GET /exec was answered by something that is no WebSocket server");
}
