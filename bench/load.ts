/**
 * A closed-loop HTTP/1.1 load over a Unix socket: every connection sends its next request when the answer to
 * the last one is whole. One process, so that both sides of a comparison pay the same client cost.
 */
import { quantile } from "./quantile.ts";

export interface LoadResult {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly leastMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** One exchange of a connection: the bytes to send and the status that must come back. */
export interface Exchange {
  readonly request: string;
  readonly status: number;
}

/** The text of a request with an optional JSON body. */
export function httpRequest(method: string, uri: string, body = ""): string {
  const head = `${method} ${uri} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
  return `${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/**
 * Runs rounds of exchanges and measures whole rounds (a PATCH and its commit count as one).
 *
 * @param round  the exchanges of round n on connection c; sent one after another
 * @throws when a connection breaks or an answer has another status
 */
export async function load(
  socketPath: string,
  connections: number,
  rounds: number,
  round: (connection: number, n: number) => readonly Exchange[],
): Promise<LoadResult> {
  const timesMs: number[] = [];
  let started = 0;
  const begin = performance.now();
  const workers = Array.from({ length: connections }, async (_, connection) => {
    const line = await connect(socketPath);
    while (started < rounds) {
      const n = started++;
      const from = performance.now();
      for (const exchange of round(connection, n)) {
        const status = await line.exchange(exchange.request);
        if (status !== exchange.status) throw new Error(`expected ${exchange.status}, got ${status}`);
      }
      timesMs.push(performance.now() - from);
    }
    line.close();
  });
  await Promise.all(workers);
  const seconds = (performance.now() - begin) / 1000;
  return {
    requests: timesMs.length,
    requestsPerSecond: timesMs.length / seconds,
    leastMs: quantile(timesMs, 0),
    p50Ms: quantile(timesMs, 0.5),
    p99Ms: quantile(timesMs, 0.99),
  };
}

interface Line {
  exchange(request: string): Promise<number>;
  close(): void;
}

/** Understands what both servers of a comparison send: a status line and a Content-Length, or no body. */
async function connect(socketPath: string): Promise<Line> {
  let received = "";
  let waiting: { resolve(status: number): void; reject(error: Error): void } | undefined;
  const settle = () => {
    const headEnd = received.indexOf("\r\n\r\n");
    if (headEnd < 0 || waiting === undefined) return;
    const head = received.slice(0, headEnd);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    if (received.length < headEnd + 4 + length) return;
    received = received.slice(headEnd + 4 + length);
    const done = waiting;
    waiting = undefined;
    done.resolve(Number(head.slice(9, 12)));
  };
  const socket = await Bun.connect({
    unix: socketPath,
    socket: {
      data(_socket, bytes) {
        received += bytes.toString("latin1");
        settle();
      },
      close() {
        waiting?.reject(new Error("the server closed the connection"));
      },
      error(_socket, error) {
        waiting?.reject(error);
      },
    },
  });
  return {
    exchange: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(request);
      }),
    close: () => socket.end(),
  };
}
