/** Calls over a connection of our own, to a server of the runtime's library of HTTP/2. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
  sensitiveHeaders,
} from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Call, CallError } from "./call.ts";
import { Connection } from "./http2/connection.ts";

let directory: string;
let server: Http2Server;
let socketPath: string;
let connection: Connection;
/** What the server was asked with. */
let asked: Record<string, unknown> = {};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "pinwheel-call-"));
  socketPath = join(directory, "socket");
  server = createServer();
  server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    asked = { ...headers };
    answers[String(headers[":path"])]?.(stream);
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  connection = await Connection.open(socketPath);
});

afterAll(async () => {
  connection.close();
  server.close();
  await rm(directory, { recursive: true, force: true });
});

// Of these the runtime's server makes no table, which it does of all others although it is told not to.
const spelt = { [sensitiveHeaders]: ["grpc-status", "grpc-message"] };
const begin = { ":status": 200, "content-type": "application/grpc" };

/** What the server does with a call, by its path. */
const answers: Readonly<Record<string, (stream: ServerHttp2Stream) => void>> = {
  "/echo": (stream) => {
    stream.respond(begin, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0", ...spelt }));
    stream.pipe(stream);
  },
  "/refuse": (stream) =>
    stream.respond(
      { ...begin, "grpc-status": "5", "grpc-message": "no image %22x%22: a%25", ...spelt },
      { endStream: true },
    ),
  "/hang-up": (stream) => {
    stream.respond(begin);
    stream.write(Buffer.from([0, 0, 0, 0, 9, 1]), () => stream.session?.destroy());
  },
  "/silent": () => undefined,
};

async function messagesOf(call: Call): Promise<readonly Buffer[]> {
  const messages: Buffer[] = [];
  for (let next = await call.next(); next !== undefined; next = await call.next()) messages.push(next);
  return messages;
}

describe("a call", () => {
  // Beyond 64 KiB the other end has to make room, again and again.
  for (const size of [0, 1, 16_384, 65_535, 65_536, 3 * 1024 * 1024]) {
    it(`sends a message of ${size} bytes, and gets one`, async () => {
      const message = Buffer.alloc(size, "pinwheel");
      const call = new Call(connection, "/echo", []);
      call.send(message, true);
      const [echo, ...more] = await messagesOf(call);
      expect([echo?.length, echo?.equals(message), more.length]).toEqual([size, true, 0]);
    });
  }
  it("has many messages, each whole and in its turn", async () => {
    const texts = Array.from({ length: 200 }, (_, index) => `message ${index}`);
    const call = new Call(connection, "/echo", []);
    for (const text of texts) call.send(Buffer.from(text), false);
    call.finish();
    expect((await messagesOf(call)).map(String)).toEqual(texts);
  });
  it("goes on beside others", async () => {
    const calls = Array.from({ length: 20 }, () => new Call(connection, "/echo", []));
    const sent = calls.map((_, index) => Buffer.alloc(100_000, index));
    for (const [index, call] of calls.entries()) call.send(sent[index] ?? Buffer.alloc(0), true);
    const got = await Promise.all(calls.map(messagesOf));
    expect(got.every(([each], index) => each?.equals(sent[index] ?? Buffer.alloc(0)))).toBe(true);
  });
  it("tells the server what it is given to tell, and what gRPC wants to be told", async () => {
    const long = "x".repeat(300);
    const call = new Call(connection, "/echo", [["containerd-lease", long]]);
    call.send(Buffer.alloc(0), true);
    await messagesOf(call);
    const told = { ":method": "POST", te: "trailers", "content-type": "application/grpc" };
    expect(asked).toMatchObject({ ...told, "containerd-lease": long });
  });
});

describe("a call that does not end well", () => {
  it("says what the server said", () =>
    expect(new Call(connection, "/refuse", []).next()).rejects.toEqual(new CallError(5, 'no image "x": a%')));
  it("ends when this side has waited long enough, and others go on", async () => {
    const call = new Call(connection, "/silent", []);
    const answer = call.next();
    call.cancel(new CallError(4, "no answer within 1 s"));
    expect(answer).rejects.toEqual(new CallError(4, "no answer within 1 s"));
    const other = new Call(connection, "/echo", []);
    other.send(Buffer.from("on"), true);
    expect((await messagesOf(other)).map(String)).toEqual(["on"]);
  });
  it("ends when the server goes away in the middle of a message, and its connection is of no more use", async () => {
    const lost = await Connection.open(socketPath);
    const outcome = await new Call(lost, "/hang-up", []).next().catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(CallError);
    expect([(outcome as CallError).code, lost.isOpen]).toEqual([14, false]);
  });
});

it("nobody listens: it is said at once", () =>
  expect(Connection.open(join(directory, "nobody"))).rejects.toThrow());
