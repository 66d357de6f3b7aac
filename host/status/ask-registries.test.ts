import { afterAll, expect, it } from "bun:test";
import { askRegistries } from "./ask-registries.ts";

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/slow/v2/") return new Promise<Response>(() => {});
    return new Response("", { status: Number(pathname.split("/")[1]) });
  },
});
afterAll(() => server.stop(true));

const ask = async (path: string) => {
  const url = `http://127.0.0.1:${server.port}${path}`;
  const [answer] = await askRegistries([{ url, host: "127.0.0.1", proxy: undefined }]);
  return answer && { reached: answer.reached, detail: answer.detail };
};

const answers: [path: string, reached: boolean, detail: string][] = [
  ["/200/v2/", true, "answered with status 200"],
  ["/401/v2/", true, "answered with status 401"],
  ["/404/v2/", true, "answered with status 404"],
  ["/502/v2/", false, "answered with status 502"],
  ["/slow/v2/", false, "no answer within 3 s"],
];
for (const [path, reached, detail] of answers) {
  it(`a registry that serves ${path}: ${detail}`, async () =>
    expect(await ask(path)).toEqual({ reached, detail }));
}

it("a registry that is not there, and one whose name is not known, are not reached", async () => {
  const found = await askRegistries([
    { url: "http://127.0.0.1:1/v2/", host: "127.0.0.1", proxy: undefined },
    { url: "http://nowhere.invalid/v2/", host: "nowhere.invalid", proxy: undefined },
  ]);
  expect(found.map(({ reached }) => reached)).toEqual([false, false]);
  expect(found[0]?.detail).toContain("Unable to connect");
  expect(found[1]?.detail).toStartWith("the name nowhere.invalid cannot be looked up: ");
});
