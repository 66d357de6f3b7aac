import { describe, expect, it } from "bun:test";
import { openRepository } from "./index.ts";
import { readAll, refusal, sha256, TestRepository } from "./testing.ts";

describe("a download that breaks off", () => {
  const content = "0123456789".repeat(1000);

  /** A server that says no more after so many bytes of its answer until it is cut, and what was asked of it. */
  function breaking(bytes: number, header: string) {
    const ranges: (string | undefined)[] = [];
    let cut: () => void = () => undefined;
    const server = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        data(socket, request) {
          const range = /^range: (.*)\r$/im.exec(request.toString())?.[1];
          ranges.push(range);
          const from = Number(/\d+/.exec(range ?? "0")?.[0]);
          const rest = content.length - from;
          const head = [
            range === undefined ? "HTTP/1.1 200 OK" : "HTTP/1.1 206 Partial Content",
            `Content-Range: bytes ${from}-${content.length - 1}/${content.length}`,
            `Content-Length: ${rest}`,
            header,
          ];
          socket.write(`${head.join("\r\n")}\r\n\r\n${content.slice(from, from + bytes)}`);
          cut = () => void socket.end();
          if (bytes === 0) cut();
        },
      },
    });
    const url = `http://127.0.0.1:${server.port}/`;
    return { url, ranges, cut: () => cut(), [Symbol.dispose]: () => server.stop(true) };
  }

  /** Reads all, and cuts the connection whenever there is nothing more to come over it. */
  async function readCutting(server: ReturnType<typeof breaking>, stream: AsyncIterable<Uint8Array>) {
    let text = "";
    for await (const chunk of stream) {
      text += Buffer.from(chunk).toString();
      if (text.length % 4000 === 0) server.cut();
    }
    return text;
  }

  async function openTargets(there: TestRepository, targetsUrl: string) {
    there.publish({ image: content }, 100);
    const place = { metadataUrl: there.metadataUrl, targetsUrl };
    return (await openRepository(there.host(), place, {})).targets;
  }

  it("goes on where it was, when the server can do that", async () => {
    using there = new TestRepository();
    using server = breaking(4000, "Accept-Ranges: bytes");
    const targets = await openTargets(there, server.url);
    expect(await readCutting(server, targets.stream("image"))).toBe(content);
    expect(server.ranges).toEqual([undefined, "bytes=4000-", "bytes=8000-"]);
  });

  it("fails when it cannot", async () => {
    using there = new TestRepository();
    using server = breaking(4000, "Server: simple");
    const targets = await openTargets(there, server.url);
    expect(await refusal(readCutting(server, targets.stream("image")))).toBe(
      `repository/not-fetched: ${server.url}${sha256(content)}.image cannot be fetched: ` +
        "ECONNRESET: The socket connection was closed unexpectedly",
    );
    expect(server.ranges).toEqual([undefined]);
  });

  it("fails when nothing more comes, however often it is tried", async () => {
    using there = new TestRepository();
    using server = breaking(0, "Accept-Ranges: bytes");
    const targets = await openTargets(there, server.url);
    expect(await refusal(readAll(targets.stream("image")))).toStartWith("repository/not-fetched: ");
    expect(server.ranges.length).toBe(4);
  });
});
