/** The way to containerd: a connection, and a new one when that is lost. */
import { CallError, callCode } from "./call.ts";
import { Connection } from "./http2/connection.ts";

export class Line {
  private current: Promise<Connection> | undefined;
  private opened: Connection | undefined;

  constructor(private readonly socketPath: string) {}

  /** @throws Error if nobody is there */
  connection(): Promise<Connection> {
    if (this.opened?.isOpen === false) {
      this.opened = undefined;
      this.current = undefined;
    }
    this.current ??= Connection.open(this.socketPath).then(
      (connection) => {
        this.opened = connection;
        return connection;
      },
      (error: unknown) => {
        this.current = undefined;
        throw error;
      },
    );
    return this.current;
  }

  close(): void {
    this.opened?.close();
  }
}

/** @throws CallError if it takes longer */
export async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(late(limitMs)), Math.max(0, limitMs));
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

export function late(limitMs: number): CallError {
  return new CallError(callCode.deadlineExceeded, `no answer within ${limitMs / 1000} s`);
}
