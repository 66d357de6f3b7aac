import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { cp, rm } from "node:fs/promises";
import { TestRoot } from "./support/root.ts";
import { RunningServer } from "./support/server.ts";

let root: TestRoot;
beforeAll(async () => {
  root = await TestRoot.make();
}, 300_000);
afterAll(() => root?.remove());

/** Puts a copy of the store beside it, to fill a small file system with. */
async function copyStore(root: TestRoot): Promise<void> {
  await rm(root.at("copy"), { recursive: true, force: true });
  await cp(root.at("/var/lib/bottlerocket"), root.at("copy"), { recursive: true, verbatimSymlinks: true });
}

/** One document of many settings that all carry the same number. */
const generation = (number: number) =>
  JSON.stringify({
    motd: String(number),
    updates: { seed: number },
    kernel: {
      sysctl: Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`vm.k${at}`, String(number)])),
    },
  });

describe("a crash", () => {
  it("api Check 40: killed at any moment of a commit, all of a transaction is live or nothing of it", async () => {
    let server = await RunningServer.start(root);
    // How long a commit takes here; the moments of the cuts spread over twice that.
    await server.ask("PATCH", "/settings?tx=t", generation(0));
    const started = performance.now();
    await server.ask("POST", "/tx/commit?tx=t");
    const commitMs = performance.now() - started;
    let committed = 0;
    const outcomes = new Set<string>();
    for (let round = 1; round <= 25; round++) {
      expect((await server.ask("PATCH", "/settings?tx=t", generation(round))).status).toBe(204);
      const answered = server.ask("POST", "/tx/commit?tx=t").then(
        (answer) => answer.status,
        () => undefined,
      );
      const cutAtMs = (((round * 7) % 25) / 25) * 2 * commitMs;
      for (const at = performance.now(); performance.now() - at < cutAtMs; ) await Bun.sleep(0);
      await server.end("SIGKILL");
      const status = await answered;

      const leaves = JSON.parse(await root.live()).leaves as Record<string, unknown>;
      const numbers = new Set(Object.values(leaves).map(String));
      expect(numbers.size).toBeLessThanOrEqual(1);
      const live = Number([...numbers][0] ?? 0);
      expect([committed, round]).toContain(live);
      if (status === 200) expect(live).toBe(round);
      outcomes.add(live === round ? "done" : "not done");
      committed = live;

      server = await RunningServer.start(root);
      const after = await server.ask("GET", "/settings?keys=settings.motd");
      expect(after).toEqual({ status: 200, body: `{"motd":"${live}"}` });
      expect([200, 422]).toContain((await server.ask("POST", "/tx/commit?tx=t")).status);
      committed = Number(JSON.parse((await server.ask("GET", "/settings?keys=settings.motd")).body).motd);
    }
    await server.end();
    // Otherwise the moments missed the commit, and nothing was tried.
    expect([...outcomes].sort()).toEqual(["done", "not done"]);
  }, 60_000);
});

describe("a full private partition", () => {
  // A store of its own, so that what fits does not depend on the crashes above.
  let root: TestRoot;
  beforeAll(async () => {
    root = await TestRoot.make();
  }, 300_000);
  afterAll(() => root?.remove());

  it("the write fails in words, reading goes on, nothing is lost", async () => {
    const store = "/var/lib/bottlerocket";
    await copyStore(root);
    const server = await RunningServer.start(root, {
      mounts: `mount -t tmpfs -o size=256k tmpfs "$R${store}" && cp -a "$R/copy/." "$R${store}/"`,
    });
    await server.ask("DELETE", "/tx?tx=bottlerocket-launch");
    const before = (await server.ask("GET", "/settings")).body;
    const big = JSON.stringify({
      kernel: {
        sysctl: Object.fromEntries(Array.from({ length: 3000 }, (_, at) => [`net.k${at}`, "x".repeat(60)])),
      },
    });
    for (const attempt of [1, 2]) {
      const refused = await server.ask("PATCH", `/settings?tx=big${attempt}`, big);
      expect(refused.status).toBe(500);
      expect(refused.body).toMatch(
        /^Storing settings in transaction "big\d" failed: There is no space left to write .*; nothing was changed/,
      );
      expect((await server.ask("GET", "/tx/list")).body).toBe("[]");
      expect((await server.ask("GET", "/settings")).body).toBe(before);
    }
    const response = await fetch("http://localhost/settings?tx=big3", {
      unix: server.socket,
      method: "PATCH",
      headers: { "Content-Type": "application/json" },
      body: big,
    });
    // For programs, which must not read the sentence.
    expect([response.status, response.headers.get("pinwheel-error")]).toEqual([500, "store/disk-full"]);
    expect((await server.ask("PATCH", "/settings?tx=small", '{"motd":"fits"}')).status).toBe(204);
    expect((await server.ask("POST", "/tx/commit?tx=small")).body).toBe('["settings.motd"]');
    expect((await server.ask("GET", "/settings?keys=settings.motd")).body).toBe('{"motd":"fits"}');
    await server.end();
  }, 30_000);

  it("a commit that does not fit fails in words and stays pending", async () => {
    const store = "/var/lib/bottlerocket";
    await copyStore(root);
    const server = await RunningServer.start(root, {
      mounts: `mount -t tmpfs -o size=256k tmpfs "$R${store}" && cp -a "$R/copy/." "$R${store}/"`,
    });
    await server.ask("DELETE", "/tx?tx=bottlerocket-launch");
    const before = (await server.ask("GET", "/settings")).body;
    const half = JSON.stringify({
      kernel: {
        sysctl: Object.fromEntries(Array.from({ length: 1100 }, (_, at) => [`net.k${at}`, "x".repeat(90)])),
      },
    });
    expect((await server.ask("PATCH", "/settings?tx=half", half)).status).toBe(204);
    const refused = await server.ask("POST", "/tx/commit?tx=half");
    expect(refused.status).toBe(500);
    expect(refused.body).toMatch(/^Committing transaction "half" failed: There is no space left/);
    expect((await server.ask("GET", "/settings")).body).toBe(before);
    expect((await server.ask("GET", "/tx/list")).body).toBe('["half"]');
    await server.end();
  }, 30_000);
});
