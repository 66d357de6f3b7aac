/**
 * One connection of HTTP/2 over a Unix socket, for a client that makes a few requests and ends.
 *
 * The runtime's own client takes longer to load than all that host-ctr has to do, and never finishes sending more than
 * 64 KiB at once. This one has what a call to containerd needs: streams, both directions of flow control, no priorities.
 *
 * @source RFC 9113
 */
import type { Socket } from "bun";
import {
  contentOf,
  decodeSettings,
  encodeFrame,
  encodeSettings,
  type Frame,
  FrameReader,
  flag,
  frameType,
  number32,
  setting,
} from "./frames.ts";
import { decodeHeaders, encodeHeaders } from "./header-block.ts";
import { UnsentData } from "./unsent-data.ts";

/** Is told what comes on a stream. */
export interface Listener {
  fields(fields: ReadonlyMap<string, string>): void;
  data(bytes: Buffer): void;
  /** Nothing more comes. @param why  it broke off, if so */
  ended(why?: string): void;
}

/** What this end can do with a stream. */
export interface Stream {
  send(bytes: Uint8Array, isLast: boolean): void;
  /** Tells the other end that nobody listens any more. The listener hears nothing of it. */
  cancel(): void;
}

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
// All that a stream of ours can ever bring: only the connection's window is opened again.
const largestWindow = 2 ** 31 - 1;
const cancelled = 8;

export class Connection {
  /** New requests can be made. */
  isOpen = true;
  private readonly reader = new FrameReader();
  private readonly listeners = new Map<number, Listener>();
  private readonly unsent = new UnsentData();
  private readonly served = Promise.withResolvers<void>();
  private lastStream = -1;
  private block: Buffer[] = [];
  private endsWithBlock = false;
  /** What the socket has not taken yet. */
  private unwritten: Buffer[] = [];

  private constructor(private readonly socket: Socket) {}

  /**
   * Connects, and waits until the other end serves.
   *
   * @throws Error if nobody listens there
   */
  static async open(path: string): Promise<Connection> {
    const opened = Promise.withResolvers<Connection>();
    let connection: Connection | undefined;
    await Bun.connect({
      unix: path,
      socket: {
        // Not once Bun.connect has been waited for: the other end may have spoken by then, and our words come first.
        open: (socket) => {
          connection = new Connection(socket);
          connection.greet();
          opened.resolve(connection);
        },
        data: (_socket, bytes) => connection?.take(bytes),
        drain: () => connection?.drain(),
        close: () => connection?.broken("the connection was closed"),
        error: (_socket, error) => connection?.broken(error.message),
      },
    });
    const usable = await opened.promise;
    await usable.served.promise;
    return usable;
  }

  request(fields: Iterable<readonly [string, string]>, listener: Listener): Stream {
    this.lastStream += 2;
    const id = this.lastStream;
    this.listeners.set(id, listener);
    this.unsent.open(id);
    this.write([encodeFrame(frameType.headers, flag.endHeaders, id, encodeHeaders(fields))]);
    return {
      send: (bytes, isLast) => {
        this.unsent.add(id, bytes, isLast);
        this.sendData();
      },
      cancel: () => {
        if (!this.listeners.delete(id)) return;
        this.unsent.close(id);
        this.write([encodeFrame(frameType.reset, 0, id, number32(cancelled))]);
      },
    };
  }

  close(): void {
    this.isOpen = false;
    this.socket.end();
  }

  private greet(): void {
    // It may break off before anybody waits; whoever does then still hears of it.
    this.served.promise.catch(() => undefined);
    const settings = encodeSettings([
      [setting.tableSize, 0],
      [setting.push, 0],
      [setting.window, largestWindow],
    ]);
    this.write([Buffer.from(preface), encodeFrame(frameType.settings, 0, 0, settings)]);
  }

  private take(bytes: Buffer): void {
    try {
      for (const frame of this.reader.push(bytes)) this.takeFrame(frame);
      // Once for all of them: room often comes in two frames, for the stream and for the connection.
      this.sendData();
    } catch (error) {
      this.socket.end();
      this.broken(error instanceof Error ? error.message : String(error));
    }
  }

  private takeFrame(frame: Frame): void {
    const { type, flags, stream: id, payload } = frame;
    const isAnswer = (flags & flag.ack) !== 0;
    switch (type) {
      case frameType.settings:
        if (!isAnswer) this.obey(decodeSettings(payload));
        break;
      case frameType.ping:
        if (!isAnswer) this.write([encodeFrame(frameType.ping, flag.ack, 0, payload)]);
        break;
      case frameType.windowUpdate:
        this.unsent.widen(id, payload.readUInt32BE());
        break;
      case frameType.goAway:
        this.isOpen = false;
        for (const each of [...this.listeners.keys()]) {
          if (each > payload.readUInt32BE()) this.end(each, "the other end takes no more requests");
        }
        break;
      case frameType.reset:
        this.end(id, `the other end broke it off with code ${payload.readUInt32BE()}`);
        break;
      case frameType.data:
        this.takeData(frame);
        break;
      case frameType.headers:
      case frameType.continuation:
        this.takeFields(frame);
        break;
    }
  }

  private takeData(frame: Frame): void {
    const { stream: id, flags, payload } = frame;
    // Also for streams that nobody listens to any more.
    if (payload.length > 0) this.write([encodeFrame(frameType.windowUpdate, 0, 0, number32(payload.length))]);
    this.listeners.get(id)?.data(contentOf(frame));
    if ((flags & flag.endStream) !== 0) this.end(id);
  }

  /** A block of fields may come in parts, of which the first says whether the stream ends with it. */
  private takeFields(frame: Frame): void {
    const { type, stream: id, flags } = frame;
    if (type === frameType.headers) this.endsWithBlock = (flags & flag.endStream) !== 0;
    this.block.push(contentOf(frame));
    if ((flags & flag.endHeaders) === 0) return;
    const fields = decodeHeaders(Buffer.concat(this.block));
    this.block = [];
    this.listeners.get(id)?.fields(fields);
    if (this.endsWithBlock) this.end(id);
  }

  private obey(settings: ReadonlyMap<number, number>): void {
    this.unsent.obey(settings);
    this.write([encodeFrame(frameType.settings, flag.ack, 0, Buffer.alloc(0))]);
    this.served.resolve();
  }

  /** Sends as much of what waits as the other end has room for. */
  private sendData(): void {
    const frames = this.unsent.takeFrames();
    if (frames.length > 0) this.write(frames);
  }

  private write(frames: readonly Buffer[]): void {
    this.unwritten.push(...frames);
    this.drain();
  }

  private drain(): void {
    if (this.unwritten.length === 0) return;
    const bytes = this.unwritten.length === 1 ? this.unwritten[0] : Buffer.concat(this.unwritten);
    if (bytes === undefined) return;
    const count = Math.max(0, this.socket.write(bytes));
    this.unwritten = count < bytes.length ? [bytes.subarray(count)] : [];
  }

  private end(id: number, why?: string): void {
    const listener = this.listeners.get(id);
    this.listeners.delete(id);
    this.unsent.close(id);
    listener?.ended(why);
  }

  private broken(why: string): void {
    this.isOpen = false;
    this.served.reject(new Error(why));
    for (const id of [...this.listeners.keys()]) this.end(id, why);
  }
}
