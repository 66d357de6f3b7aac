import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import fc from "fast-check";
import { TestRoot } from "./support/root.ts";
import { RunningServer } from "./support/server.ts";

let root: TestRoot;
let server: RunningServer;
beforeAll(async () => {
  root = await TestRoot.make();
  // systemd's soft limit of open files, which is too low for a thousand clients: the runtime raises its own.
  server = await RunningServer.start(root, { mounts: "ulimit -Sn 1024" });
  await server.ask("POST", "/tx/commit?tx=bottlerocket-launch");
}, 300_000);
afterAll(async () => {
  await server?.end();
  await root?.remove();
});

const status = (reply: string) => Number(/^HTTP\/1\.1 (\d{3}) /.exec(reply)?.[1] ?? 0);
const answers = async () =>
  expect((await server.ask("GET", "/settings?keys=settings.motd")).status).toBe(200);
const openTransactions = async () => JSON.parse((await server.ask("GET", "/tx/list")).body) as string[];

/** Opens a connection, sends a beginning, and then a drop at a time; resolves with the seconds until it is closed. */
async function held(beginning: string, drop: string): Promise<number> {
  const started = performance.now();
  const closed = Promise.withResolvers<void>();
  const socket = await Bun.connect({
    unix: server.socket,
    socket: { data() {}, close: () => closed.resolve(), error: () => closed.resolve() },
  });
  socket.write(beginning);
  const dripping = setInterval(() => socket.write(drop), 500);
  await closed.promise;
  clearInterval(dripping);
  return (performance.now() - started) / 1000;
}

describe("the server survives", () => {
  it("clients that are slow: none is waited for longer than 20 s, and others do not notice", async () => {
    const slow = Promise.all([
      held("", ""),
      held("GET /tx HTTP/1.1\r\nHost: x\r\n", "X: y\r\n"),
      held("GET /tx HTTP/1.1\r\nHost: x\r\nX:", "y"),
      held("PATCH /settings?tx=slow HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n", ""),
      held(
        "PATCH /settings?tx=slow HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n",
        " ",
      ),
      held("GET /tx HTTP/1.1\r\nHost: x\r\n\r\n", ""),
    ]);
    let done = false;
    void slow.then(() => {
      done = true;
    });
    let slowest = 0;
    while (!done) {
      const started = performance.now();
      await answers();
      slowest = Math.max(slowest, performance.now() - started);
      await Bun.sleep(50);
    }
    expect(Math.max(...(await slow))).toBeLessThan(20);
    expect(slowest).toBeLessThan(1000);
    expect(await openTransactions()).toEqual([]);
  }, 40_000);

  it("1,000 open connections, and answers on all of them", async () => {
    const replies: Promise<string>[] = [];
    const sockets: Bun.Socket[] = [];
    for (let count = 0; count < 1000; count++) {
      const { promise, resolve } = Promise.withResolvers<string>();
      replies.push(promise);
      sockets.push(
        await Bun.connect({
          unix: server.socket,
          socket: {
            data: (_, data) => resolve(data.toString()),
            close: () => resolve("closed"),
            error: () => resolve("error"),
          },
        }),
      );
    }
    await answers();
    for (const socket of sockets) socket.write("GET /tx HTTP/1.1\r\nHost: x\r\n\r\n");
    const statuses = new Set((await Promise.all(replies)).map(status));
    for (const socket of sockets) socket.end();
    expect([...statuses]).toEqual([200]);
    await answers();
  }, 30_000);

  it("bodies that are cut off: nothing of them is stored", async () => {
    const body = '{"motd":"cut"}';
    for (let length = 0; length < body.length; length++) {
      const head = `PATCH /settings?tx=cut HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
      await server.raw(head + body.slice(0, length), true);
      const chunked = `PATCH /settings?tx=cut HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
      await server.raw(`${chunked}e\r\n${body.slice(0, length)}`, true);
    }
    expect(await openTransactions()).toEqual([]);
    await answers();
  });

  it("bodies that claim or send far more than is accepted", async () => {
    const head = "PATCH /settings?tx=huge HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    expect(status(await server.raw(`${head}Content-Length: 99999999999\r\n\r\n{`))).toBe(413);
    const chunk = `10000\r\n${" ".repeat(0x10000)}\r\n`;
    const reply = await server.ask("PATCH", "/settings?tx=huge", " ".repeat(30 * 1024 * 1024));
    expect(reply.status).toBe(413);
    expect(
      status(
        await server.raw(
          `${head}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(48)}0\r\n\r\n`,
        ),
      ),
    ).toBe(413);
    expect(await openTransactions()).toEqual([]);
    await answers();
  }, 20_000);

  it("api 5.1: any body to a path that is not there, which is what the answer is about", async () => {
    const reply = await server.ask("PATCH", "/nope", " ".repeat(3 * 1024 * 1024));
    expect(reply).toEqual({ status: 404, body: "" });
    expect((await server.ask("PUT", "/settings", " ".repeat(3 * 1024 * 1024))).status).toBe(404);
  });

  it("more bodies at once than the memory has room for: those in excess are refused, and leave nothing", async () => {
    const megabytes = 1024 * 1024;
    const residentKiB = async () =>
      Number(/VmRSS:\s+(\d+)/.exec(await Bun.file(`/proc/${server.pid}/status`).text())?.[1]);
    const before = await residentKiB();
    const head =
      "PATCH /settings?tx=many HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2097152\r\n\r\n";
    const almost = Buffer.concat([Buffer.from(`${head}{}`), Buffer.alloc(2 * megabytes - 3, " ")]);
    const replies: Promise<string>[] = [];
    const sockets: Bun.Socket[] = [];
    for (let count = 0; count < 150; count++) {
      let rest: Uint8Array = almost;
      const sent = Promise.withResolvers<void>();
      const reply = Promise.withResolvers<string>();
      replies.push(reply.promise);
      const send = (socket: Bun.Socket) => {
        rest = rest.subarray(Math.max(0, socket.write(rest)));
        if (rest.length === 0) sent.resolve();
      };
      sockets.push(
        await Bun.connect({
          unix: server.socket,
          socket: { open: send, drain: send, data: (_, data) => reply.resolve(data.toString()), error() {} },
        }),
      );
      await sent.promise;
    }
    // 150 bodies are 300 MiB.
    expect((await residentKiB()) - before).toBeLessThan(200 * 1024);
    // Room is left for small ones: only a body that does not fit as a whole is dropped.
    expect((await server.ask("PATCH", "/settings?tx=many", "{}")).status).toBe(204);
    const large = await server.ask("PATCH", "/settings?tx=many", `{}${" ".repeat(2 * megabytes - 2)}`);
    expect(large.status).toBe(503);
    for (const socket of sockets) socket.write(" ");
    const answered = await Promise.all(replies);
    for (const socket of sockets) socket.end();
    const done = answered.filter((reply) => status(reply) === 204);
    const refused = answered.filter((reply) => status(reply) === 503);
    expect(done.length + refused.length).toBe(150);
    expect(done.length).toBeGreaterThan(16);
    expect(done.length).toBeLessThan(33);
    expect(refused[0]).toEndWith(
      "Bodies of 67108864 bytes together are on their way already; send this one again later",
    );
    // And all of the room is there again.
    expect((await server.ask("PATCH", "/settings?tx=many", `{}${" ".repeat(megabytes)}`)).status).toBe(204);
    expect(await openTransactions()).toEqual([]);
  }, 30_000);

  it("any bytes in place of a request", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        // The blank lines end whatever head the bytes began, the hang-up whatever body.
        const reply = await server.raw(Buffer.concat([bytes, Buffer.from("\r\n\r\n")]), true);
        expect(reply === "" || (status(reply) >= 400 && status(reply) < 506)).toBe(true);
      }),
      { numRuns: 300 },
    );
    await answers();
  }, 30_000);

  const queryText = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }).map((text) => encodeURIComponent(text.toWellFormed())),
    fc.string({
      unit: fc.constantFrom("%", "a", ".", '"', "+", "&", "=", ",", "0", "F", "settings", "/", "%22"),
      maxLength: 30,
    }),
    fc.constantFrom("a".repeat(5000), "a,".repeat(2000), "a.".repeat(2000)),
  );

  it("any query: the status is one of the documented ones, never a failure of the server", async () => {
    const paths = fc.constantFrom(
      "/",
      "/settings",
      "/os",
      "/tx",
      "/services",
      "/configuration-files",
      "/metadata/affected-services",
      "/metadata/templates",
    );
    await fc.assert(
      fc.asyncProperty(
        paths,
        fc.constantFrom("keys", "prefix", "names", "tx"),
        queryText,
        async (path, name, text) => {
          const answer = await server.ask("GET", `${path}?${name}=${text}`);
          expect([200, 400, 404]).toContain(answer.status);
          if (answer.status === 200) JSON.parse(answer.body);
          else expect(answer.body).not.toBe("");
        },
      ),
      { numRuns: 400 },
    );
  }, 30_000);

  it("any body: refused in words or stored, never a failure of the server, never a part", async () => {
    const bodies = fc.oneof(
      fc.json({ maxDepth: 4 }),
      fc.string({ unit: "binary", maxLength: 200 }),
      fc
        .record(
          { motd: fc.anything(), kernel: fc.record({ sysctl: fc.dictionary(fc.string(), fc.string()) }) },
          { requiredKeys: [] },
        )
        .map((value) => JSON.stringify(value) ?? ""),
      fc.constant("[".repeat(100_000)),
      fc.constant(`${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`),
      fc.constant('{"__proto__":{"motd":"x"},"constructor":1}'),
    );
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const answer = await server.ask("PATCH", "/settings?tx=any", body);
        expect([204, 400]).toContain(answer.status);
        if (answer.status === 400) {
          expect(answer.body).not.toBe("");
          expect(await openTransactions()).toEqual([]);
        }
        await server.ask("DELETE", "/tx?tx=any");
      }),
      { numRuns: 300 },
    );
    await answers();
  }, 60_000);

  it("api Check 10: any transaction name stays inside the directory of transactions", async () => {
    const names = fc.oneof(
      fc.string({ unit: "binary", minLength: 1, maxLength: 40 }),
      fc.constantFrom("..", "../x", "/etc/passwd", ".", "a/b", "\0"),
    );
    await fc.assert(
      fc.asyncProperty(names, async (text) => {
        const name = text.toWellFormed();
        const uri = `/settings?tx=${encodeURIComponent(name)}`;
        expect((await server.ask("PATCH", uri, '{"motd":"x"}')).status).toBe(204);
        expect(await openTransactions()).toEqual([name]);
        expect((await server.ask("DELETE", `/tx?tx=${encodeURIComponent(name)}`)).body).toBe(
          '["settings.motd"]',
        );
      }),
      { numRuns: 150 },
    );
  }, 30_000);

  it("all of this without a failure of its own", () => {
    expect(server.printed).not.toContain("[ERROR]");
  });
});
