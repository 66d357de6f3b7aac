import { describe, expect, jest, test } from "bun:test";
import { pathToFileURL } from "node:url";
import { RepositoryFetcher } from "./fetcher.ts";
import { Desk, serve } from "./testing.ts";

/** A server of one's own answers. */
function answering(answer: (count: number) => Response) {
  let count = 0;
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => answer(++count) });
  return {
    url: `http://127.0.0.1:${server.port}/x`,
    count: () => count,
    [Symbol.dispose]: () => {
      server.stop(true);
    },
  };
}
const fetcher = new RepositoryFetcher();

describe("a file of a repository", () => {
  test("is read from disk and from the web, or is not there", async () => {
    using desk = new Desk();
    desk.write("a b", "content");
    using server = serve(desk.directory);
    for (const base of [`${pathToFileURL(desk.directory).href}/`, `${server.url}/`]) {
      expect((await fetcher.bytesIfExists(`${base}a%20b`, 7))?.toString()).toBe("content");
      expect(await fetcher.bytesIfExists(`${base}c`, 7)).toBeUndefined();
      await expect(fetcher.bytesIfExists(`${base}a%20b`, 6)).rejects.toThrow(
        `${base}a%20b is longer than the 6 bytes that it may have`,
      );
    }
    const directory = pathToFileURL(desk.images).href;
    for (const url of [directory, `${directory}/x`])
      expect(await fetcher.bytesIfExists(url, 7)).toBeUndefined();
  });
  for (const status of [403, 404, 410]) {
    test(`is not there when the server answers ${status}, which is asked once`, async () => {
      using server = answering(() => new Response("", { status }));
      expect(await fetcher.bytesIfExists(server.url, 7)).toBeUndefined();
      expect(server.count()).toBe(1);
    });
  }
  test("is asked for four times while the server has trouble", async () => {
    using mended = answering((count) => new Response("late", { status: count < 4 ? 503 : 200 }));
    expect((await fetcher.bytesIfExists(mended.url, 7))?.toString()).toBe("late");
    using broken = answering(() => new Response("", { status: 500 }));
    await expect(fetcher.bytesIfExists(broken.url, 7)).rejects.toThrow(
      `${broken.url} could not be fetched: the server answers 500`,
    );
    expect(broken.count()).toBe(4);
  });
  test("is asked for once when the request is at fault", async () => {
    using server = answering(() => new Response("", { status: 400 }));
    await expect(fetcher.bytesIfExists(server.url, 7)).rejects.toThrow("the server answers 400");
    expect(server.count()).toBe(1);
  });
  test("is given up when the server falls silent in the middle, however long the whole may take", async () => {
    const silentMs = 500;
    jest.useFakeTimers();
    try {
      const body = Promise.withResolvers<ReadableStreamDefaultController>();
      using server = answering(() => new Response(new ReadableStream({ start: body.resolve })));
      let received = 0;
      let next = Promise.withResolvers<void>();
      const reading = new RepositoryFetcher(silentMs).readInto(server.url, 7, () => {
        received++;
        next.resolve();
      });
      const ended = reading.then(
        () => "to its end",
        (thrown: Error) => thrown.message,
      );
      const out = await body.promise;
      for (let sent = 0; sent < 5; sent++) {
        jest.advanceTimersByTime(silentMs - 1);
        out.enqueue(Buffer.from("x"));
        await Promise.race([next.promise, ended]);
        next = Promise.withResolvers();
      }
      expect(received).toBe(5);
      jest.advanceTimersByTime(silentMs);
      expect(await ended).toBe(`${server.url} could not be fetched: the server said nothing for 0.5 s`);
    } finally {
      jest.useRealTimers();
    }
  });
});
