/** The server that hosts of the lab are updated from, asked as clients do. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "bun:test";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type UpdateRequest, UpdateServer } from "./update-server.ts";

const TARGET = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251));
const directory = mkdtempSync(join(tmpdir(), "pinwheel-updates-"));
const told: UpdateRequest[] = [];
let server: UpdateServer;

beforeAll(async () => {
  mkdirSync(join(directory, "first/metal-dev/x86_64"), { recursive: true });
  mkdirSync(join(directory, "first/targets"));
  mkdirSync(join(directory, "second"));
  writeFileSync(join(directory, "secret"), "not to be served");
  writeFileSync(join(directory, "first/metal-dev/x86_64/timestamp.json"), "{}");
  writeFileSync(join(directory, "first/targets/0123.a b.lz4"), TARGET);
  writeFileSync(join(directory, "second/new.json"), "new");
  symlinkSync("first", join(directory, "latest"));
  server = await UpdateServer.start(join(directory, "latest"), { onRequest: (one) => told.push(one) });
});

afterEach(() => {
  server.misbehave = () => undefined;
  server.requests.length = 0;
  told.length = 0;
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

/** What a client gets that sends the path as it is. */
async function ask(path: string, range?: string, method = "GET") {
  const headers = range === undefined ? {} : { range: `bytes=${range}` };
  const asked = request({ host: "127.0.0.1", port: server.port, path, method, headers, agent: false });
  asked.end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  let isCut = false;
  try {
    for await (const chunk of response) chunks.push(chunk);
  } catch {
    isCut = true; // the only thing that can end an answer early
  }
  return { status: response.statusCode, isCut, body: Buffer.concat(chunks) };
}

describe("a repository is served", () => {
  it("file by file, whatever the query, which is remembered with each request", async () => {
    const query = "migrations=a.lz4%2Cmanifest.json&seed=12&version=1.11.1";
    const target = await ask(`/targets/0123.a%20b.lz4?${query}`);
    expect(target).toEqual({ status: 200, isCut: false, body: TARGET });
    expect((await ask("/metal-dev/x86_64/timestamp.json")).body.toString()).toBe("{}");
    const asked: UpdateRequest[] = [
      { method: "GET", path: "/targets/0123.a%20b.lz4", query, range: undefined, status: 200 },
      { method: "GET", path: "/metal-dev/x86_64/timestamp.json", query: "", range: undefined, status: 200 },
    ];
    expect([server.requests, told]).toEqual([asked, asked]);
  });

  it("in parts, so that a download that was cut off goes on where it was", async () => {
    const rest = await ask("/targets/0123.a%20b.lz4", "299990-");
    expect(rest).toEqual({ status: 206, isCut: false, body: TARGET.subarray(299_990) });
    const middle = await ask("/targets/0123.a%20b.lz4", "10-19");
    expect(middle).toEqual({ status: 206, isCut: false, body: TARGET.subarray(10, 20) });
    expect((await ask("/targets/0123.a%20b.lz4", "300000-")).status).toBe(416);
    expect(server.requests.map(({ range }) => range)).toEqual([
      "bytes=299990-",
      "bytes=10-19",
      "bytes=300000-",
    ]);
  });

  it("and nothing beside it: neither directories nor what lies outside", async () => {
    const paths = [
      "/",
      "/targets",
      "/none.json",
      "/../secret",
      "/%2e%2e/secret",
      "/..%2fsecret",
      "/%ff",
      "/%00",
    ];
    const statuses = await Promise.all(paths.map(async (path) => (await ask(path)).status));
    expect(statuses).toEqual(paths.map(() => 404));
    expect((await ask("/metal-dev/x86_64/timestamp.json", undefined, "DELETE")).status).toBe(405);
  });

  it("as it is at the time: a link that leads to a newer one is followed anew", async () => {
    const link = join(directory, "latest");
    rmSync(link);
    symlinkSync("second", link);
    expect((await ask("/new.json")).body.toString()).toBe("new");
    rmSync(link);
    symlinkSync("first", link);
    expect((await ask("/new.json")).status).toBe(404);
  });

  it("not when its port is taken", async () => {
    await expect(UpdateServer.start(directory, { port: server.port })).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
  });
});

it("a server that has ended may be ended again", async () => {
  const another = await UpdateServer.start(directory);
  await another[Symbol.asyncDispose]();
  await another[Symbol.asyncDispose]();
  expect(() => another.port).toThrow("the server has ended");
});

describe("a server that misbehaves as it is told", () => {
  const target = "/targets/0123.a%20b.lz4";

  it("answers with another status, for the paths that are meant and no other", async () => {
    server.misbehave = (path) => (path === target ? { kind: "status", status: 503 } : undefined);
    expect(await ask(target)).toEqual({ status: 503, isCut: false, body: Buffer.alloc(0) });
    expect((await ask("/metal-dev/x86_64/timestamp.json")).status).toBe(200);
  });

  it("ends the connection in the middle of a file, or of the rest of one", async () => {
    server.misbehave = () => ({ kind: "cut", afterBytes: 100_000 });
    expect(await ask(target)).toEqual({
      status: 200,
      isCut: true,
      body: TARGET.subarray(0, 100_000),
    });
    expect(await ask(target, "150000-")).toEqual({
      status: 206,
      isCut: true,
      body: TARGET.subarray(150_000, 250_000),
    });
  });

  it("sends so many bytes a second", async () => {
    server.misbehave = () => ({ kind: "slow", bytesPerSecond: 600_000 });
    const begin = performance.now();
    expect((await ask(target)).body).toEqual(TARGET);
    expect(performance.now() - begin).toBeGreaterThan(490);
  });
});
