import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { TestRoot } from "./support/root.ts";
import { RunningServer } from "./support/server.ts";

let root: TestRoot;
let server: RunningServer;
beforeAll(async () => {
  root = await TestRoot.make();
  server = await RunningServer.start(root);
}, 300_000);
afterAll(async () => {
  await server?.end();
  await root?.remove();
});

describe("the real server", () => {
  it("answers", async () => {
    expect(await server.ask("GET", "/tx")).toEqual({ status: 200, body: "{}" });
  });
});
