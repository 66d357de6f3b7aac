/** A byte stream over a Unix socket, written at once and read until something is seen; and ports that are free. */
import { closeSync, constants, openSync } from "node:fs";
import { connect } from "node:net";
import { basename, dirname } from "node:path";

export interface Stream {
  write(text: string): void;
  /** Everything received and not yet taken by `take`. */
  pending(): string;
  take(): string;
  /**
   * Waits until `seen` accepts what is pending.
   *
   * @returns false when the time is over or the other side closed first
   */
  until(seen: (pending: string) => boolean, timeoutMs: number): Promise<boolean>;
  onData(listener: () => void): void;
  onClose(listener: () => void): void;
  readonly isClosed: () => boolean;
  close(): void;
}

/**
 * Connects to the socket of this path, however long its directory's name is: the system's limit is 107 bytes.
 *
 * @throws the system's error (ECONNREFUSED, ENOENT) when nobody listens
 */
export async function openStream(path: string): Promise<Stream> {
  const directory = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return await connected(`/proc/self/fd/${directory}/${basename(path)}`);
  } finally {
    closeSync(directory);
  }
}

function connected(path: string): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    const dataListeners: (() => void)[] = [];
    const closeListeners: (() => void)[] = [];
    let pending = "";
    let closed = false;
    let changed = () => {};
    socket.on("data", (chunk) => {
      // One character a byte, so that a chunk border inside a character harms nothing.
      pending += chunk.toString("latin1");
      for (const listener of dataListeners) listener();
      changed();
    });
    socket.on("close", () => {
      closed = true;
      for (const listener of closeListeners) listener();
      changed();
    });
    socket.on("error", (error) => {
      closed = true;
      reject(error);
      changed();
    });
    socket.on("connect", () =>
      resolve({
        write: (text) => socket.write(Buffer.from(text, "latin1")),
        pending: () => pending,
        take() {
          const taken = pending;
          pending = "";
          return taken;
        },
        async until(seen, timeoutMs) {
          const deadline = performance.now() + timeoutMs;
          while (!seen(pending)) {
            const left = deadline - performance.now();
            if (closed || left <= 0) return false;
            const change = Promise.withResolvers<void>();
            changed = change.resolve;
            const timer = setTimeout(change.resolve, left);
            await change.promise;
            clearTimeout(timer);
          }
          return true;
        },
        onData: (listener) => dataListeners.push(listener),
        onClose: (listener) => closeListeners.push(listener),
        isClosed: () => closed,
        close: () => socket.destroy(),
      }),
    );
  });
}

/** A port of the loopback address that nobody listens on now: the system chooses. */
export function freePort(): number {
  const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = server;
  server.stop(true);
  return port;
}
