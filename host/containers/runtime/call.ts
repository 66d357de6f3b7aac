/**
 * One call of gRPC: messages to the other end, messages from it, and how it ended.
 *
 * @source "gRPC over HTTP2", the protocol's own specification
 */
import type { Connection, Stream } from "./http2/connection.ts";

/** The codes that are told apart here, by the protocol's numbers. */
export const callCode = {
  cancelled: 1,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  unavailable: 14,
} as const;

/** A call that did not end well. */
export class CallError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
    this.name = "CallError";
  }
}

const prefixBytes = 5;

export class Call {
  private readonly stream: Stream;
  private received: Buffer[] = [];
  private receivedBytes = 0;
  /** With so many there is something to look at. */
  private wantedBytes = prefixBytes;
  private readonly messages: Buffer[] = [];
  private readonly fields = new Map<string, string>();
  private outcome: "ended well" | CallError | undefined;
  private wake: (() => void) | undefined;

  /**
   * @param path      `/SERVICE/METHOD`
   * @param metadata  fields that the service knows
   */
  constructor(connection: Connection, path: string, metadata: readonly (readonly [string, string])[]) {
    const fields: readonly (readonly [string, string])[] = [
      [":method", "POST"],
      [":scheme", "http"],
      [":path", path],
      [":authority", "localhost"],
      ["content-type", "application/grpc"],
      ["te", "trailers"],
      ...metadata,
    ];
    this.stream = connection.request(fields, {
      fields: (more) => {
        for (const [name, value] of more) this.fields.set(name, value);
      },
      data: (bytes) => this.take(bytes),
      ended: (why) => this.end(why),
    });
  }

  send(message: Uint8Array, isLast: boolean): void {
    const prefix = Buffer.alloc(prefixBytes);
    prefix.writeUInt32BE(message.length, 1);
    this.stream.send(prefix, false);
    this.stream.send(message, isLast);
  }

  /** Nothing more is sent. */
  finish(): void {
    this.stream.send(Buffer.alloc(0), true);
  }

  /**
   * The next message; `undefined` when the call has ended well.
   *
   * @throws CallError
   */
  async next(): Promise<Buffer | undefined> {
    for (;;) {
      const message = this.messages.shift();
      if (message !== undefined) return message;
      if (this.outcome === "ended well") return undefined;
      if (this.outcome !== undefined) throw this.outcome;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  /** Ends it from this side. */
  cancel(reason: CallError): void {
    this.outcome ??= reason;
    this.stream.cancel();
    this.wake?.();
  }

  private take(bytes: Buffer): void {
    this.received.push(bytes);
    this.receivedBytes += bytes.length;
    while (this.receivedBytes >= this.wantedBytes) {
      const all = Buffer.concat(this.received);
      const end = prefixBytes + all.readUInt32BE(1);
      const isWhole = all.length >= end;
      if (isWhole) this.messages.push(all.subarray(prefixBytes, end));
      const rest = isWhole ? all.subarray(end) : all;
      this.received = [rest];
      this.receivedBytes = rest.length;
      this.wantedBytes = isWhole ? prefixBytes : end;
    }
    this.wake?.();
  }

  private end(why: string | undefined): void {
    const status = this.fields.get("grpc-status");
    if (status === "0") this.outcome ??= "ended well";
    else if (status === undefined) this.outcome ??= new CallError(callCode.unavailable, why ?? "it hung up");
    else this.outcome ??= new CallError(Number(status), plain(this.fields.get("grpc-message") ?? ""));
    this.wake?.();
  }
}

/** Messages of failures come with their unusual characters as %XX. */
function plain(message: string): string {
  try {
    return decodeURIComponent(message);
  } catch {
    // Not so written after all: as it came, it still says most.
    return message;
  }
}
