/** One attempt on a connection of its own, and what came of it. */
import type { Attempt } from "./requests.ts";

export interface Reply {
  readonly status: number;
  readonly body: string;
}

/** What came back until all awaited replies were whole, the server hung up, or the time was over. */
export interface Outcome {
  readonly replies: readonly Reply[];
  readonly ended: "answered" | "hung up" | "timed out";
}

/** @throws Error if there is no server to connect to */
export async function exchange(socketPath: string, attempt: Attempt, limitMs: number): Promise<Outcome> {
  const done = Promise.withResolvers<Outcome["ended"]>();
  const received: Uint8Array[] = [];
  let rest = attempt.bytes;
  const drained = { resolve: () => {} };
  const flush = (socket: Bun.Socket) => {
    rest = rest.subarray(Math.max(0, socket.write(rest)));
    if (rest.length === 0) drained.resolve();
  };
  const socket = await Bun.connect({
    unix: socketPath,
    socket: {
      drain: flush,
      data(_, bytes) {
        received.push(Uint8Array.from(bytes));
        const replies = readReplies(received);
        if (attempt.replies !== undefined && replies.length >= attempt.replies) done.resolve("answered");
      },
      close: () => done.resolve("hung up"),
      error: () => done.resolve("hung up"),
    },
  });
  const timer = setTimeout(() => done.resolve("timed out"), limitMs);
  const whole = attempt.bytes;
  for (let piece = 0; piece < attempt.pieces; piece++) {
    const from = Math.floor((whole.length * piece) / attempt.pieces);
    const to = Math.floor((whole.length * (piece + 1)) / attempt.pieces);
    const sent = Promise.withResolvers<void>();
    drained.resolve = sent.resolve;
    rest = whole.subarray(from, to);
    flush(socket);
    await Promise.race([sent.promise, done.promise]);
    if (piece + 1 < attempt.pieces) await Bun.sleep(1);
  }
  if (attempt.hangsUp) socket.end();
  const ended = await done.promise;
  clearTimeout(timer);
  socket.terminate();
  return { replies: readReplies(received), ended };
}

/** The whole replies in what was received; an interim one (100 Continue) does not count. */
function readReplies(received: readonly Uint8Array[]): readonly Reply[] {
  const replies: Reply[] = [];
  let bytes = Buffer.concat(received);
  for (;;) {
    const headEnd = bytes.indexOf("\r\n\r\n");
    if (headEnd < 0) return replies;
    const head = bytes.toString("latin1", 0, headEnd);
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    if (bytes.length < headEnd + 4 + length && status >= 200) return replies;
    if (status >= 200 || status === 0) {
      replies.push({ status, body: bytes.toString("utf8", headEnd + 4, headEnd + 4 + length) });
    }
    bytes = bytes.subarray(headEnd + 4 + length);
  }
}
