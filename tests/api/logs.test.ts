/** The journal of a unit through the real server, with clients that read, do not read, and go away. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { readdir, rename } from "node:fs/promises";
import { memoryMb } from "./support/memory.ts";
import { TestRoot } from "./support/root.ts";
import { RunningServer } from "./support/server.ts";
import { noUnit, Systemd } from "./support/systemd.ts";

let root: TestRoot;
let server: RunningServer;
let systemd: Systemd;
beforeAll(async () => {
  root = await TestRoot.make();
  systemd = await Systemd.in(root, []);
  server = await RunningServer.start(root);
  await server.ask("POST", "/tx/commit?tx=bottlerocket-launch");
}, 300_000);
afterAll(async () => {
  await server?.end();
  await root?.remove();
});

const client = (...args: string[]) => root.run(["/usr/bin/apiclient", ...args]);

/** Opens a log and reads its first piece. */
async function open(uri: string): Promise<{ status: number; first: string; hangUp(): void }> {
  const gone = new AbortController();
  const options = { unix: server.socket, signal: gone.signal };
  const response = await fetch(`http://localhost${uri}`, options);
  const piece = await response.body?.getReader().read();
  return {
    status: response.status,
    first: Buffer.from(piece?.value ?? []).toString(),
    hangUp: () => gone.abort(),
  };
}

/** Connects, asks, and reads nothing. */
async function askWithoutReading(uri: string): Promise<{ hangUp(): void }> {
  const socket = await Bun.connect({
    unix: server.socket,
    socket: { open: (opened) => void opened.pause(), data() {} },
  });
  socket.write(`GET ${uri} HTTP/1.1\r\nHost: x\r\n\r\n`);
  return { hangUp: () => socket.terminate() };
}

describe("the log of a unit", () => {
  it("is what journalctl prints of it, asked for the lines and the time that the user wants", async () => {
    await systemd.journal("lines");
    const ended = await client("logs", "chronyd", "--since", "10m", "--lines", "5");
    expect(ended).toEqual({ exitCode: 0, signal: null, stdout: "one\ntwo\n", stderr: "" });
    expect(await systemd.arguments()).toBe(
      "--no-pager --quiet --output=short-iso --lines=5 --since=-600s --unit=chronyd.service\n",
    );
    expect(await server.ask("GET", "/logs?unit=chronyd")).toEqual({ status: 200, body: "one\ntwo\n" });
  });

  const refused: [args: string[], says: string][] = [
    [
      ["--", "-M"],
      'was answered with 400 Bad Request: The parameter unit is "-M"; accepted: the name of a unit',
    ],
    [["a", "--since", "soon"], 'was answered with 400 Bad Request: The parameter since is "soon"'],
    [
      ["nope"],
      "was answered with 404 Not Found: There is no unit nope.service; apiclient status names those",
    ],
  ];
  for (const [args, says] of refused) {
    it(`apiclient logs ${args.join(" ")}: ${says}`, async () => {
      await systemd.journal("lines");
      const ended = await client("logs", ...args);
      expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
      expect(ended.stderr).toContain(says);
      expect(await systemd.journals()).toEqual({ started: 0, left: 0 });
    });
  }

  it("is refused with the same statuses by the server itself", async () => {
    for (const [query, status] of [
      ["", 400],
      ["?unit=", 400],
      [`?unit=${noUnit}`, 404],
    ]) {
      expect((await server.ask("GET", `/logs${query}`)).status).toBe(Number(status));
    }
  });

  it("cannot be had where systemd cannot be asked", async () => {
    await rename(root.at("usr/bin/systemctl"), root.at("usr/bin/systemctl.away"));
    const answer = await server.ask("GET", "/logs?unit=a");
    await rename(root.at("usr/bin/systemctl.away"), root.at("usr/bin/systemctl"));
    expect(answer.status).toBe(500);
    expect(answer.body).toStartWith("Reading the log of a.service failed: ");
  });

  it("is broken off when journalctl fails, and apiclient says so after what it got", async () => {
    await systemd.journal("fails");
    const ended = await client("logs", "a");
    expect(ended).toMatchObject({ exitCode: 1, stdout: "one\n" });
    expect(ended.stderr).toStartWith("Cannot read the log to its end: ");
    expect(server.printed).toContain(
      "The log of a.service has ended early: journalctl ended with exit code 3",
    );
  });

  it("is followed past the server's patience with slow clients, and ends with the client", async () => {
    await systemd.journal("follow");
    const following = Bun.spawn(root.command(["/usr/bin/apiclient", "logs", "a", "--follow"]), {
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    await Bun.sleep(15_000);
    expect(await systemd.journals()).toEqual({ started: 1, left: 1 });
    expect(await systemd.arguments()).toEndWith(" --follow --unit=a.service\n");
    following.kill("SIGINT");
    const said = await Promise.all([following.stdout, following.stderr].map((of) => new Response(of).text()));
    // Without the empty lines by which the server has shown that it is there.
    expect(said).toEqual(["one\n", ""]);
    await systemd.untilLeft(0);
  });

  it("ends when whoever reads what apiclient prints has had enough", async () => {
    await systemd.journal("endless");
    const ended = await root.run([
      "/bin/sh",
      "-c",
      'apiclient logs a --follow | { read -r line; echo "$line"; }',
    ]);
    expect(ended).toMatchObject({ exitCode: 0, stdout: `${"0123456789".repeat(6)}0123\n`, stderr: "" });
    await systemd.untilLeft(0);
  });

  it("leaves nothing behind after 150 clients that were cut off, whether there was something to read or not", async () => {
    const openFiles = async () => (await readdir(`/proc/${server.pid}/fd`)).length;
    const before = await openFiles();
    for (const how of ["follow", "silent", "endless"] as const) {
      await systemd.journal(how);
      for (let round = 0; round < 5; round++) {
        const clients = await Promise.all(
          Array.from({ length: 10 }, () => askWithoutReading("/logs?unit=a&follow=true")),
        );
        // Some before journalctl is started, some after.
        if (round % 2 === 0) await Bun.sleep(300);
        for (const each of clients) each.hangUp();
        await systemd.untilLeft(0);
      }
    }
    await systemd.journal("lines");
    expect((await server.ask("GET", "/logs?unit=a")).status).toBe(200);
    const deadlineMs = performance.now() + 15_000;
    while ((await openFiles()) > before + 2 && performance.now() < deadlineMs) await Bun.sleep(50);
    expect(await openFiles()).toBeLessThanOrEqual(before + 2);
  });

  it("waits in the pipe for a client that does not read, not in the server's memory", async () => {
    await systemd.journal("endless");
    const before = await memoryMb(server.pid, "VmRSS");
    const clients = await Promise.all(Array.from({ length: 4 }, () => askWithoutReading("/logs?unit=a")));
    await systemd.untilLeft(4);
    await Bun.sleep(2000);
    const after = await memoryMb(server.pid, "VmRSS");
    expect((await server.ask("GET", "/os")).status).toBe(200);
    for (const each of clients) each.hangUp();
    await systemd.untilLeft(0);
    expect(after - before).toBeLessThan(10);
  });

  it("is one of 16: the next is told to come later, and does when one has ended", async () => {
    await systemd.journal("follow");
    const clients = await Promise.all(Array.from({ length: 16 }, () => open("/logs?unit=a&follow=true")));
    const late = await server.ask("GET", "/logs?unit=a");
    expect(late).toEqual({
      status: 503,
      body: "16 logs are being read already; ask for this one again later",
    });
    clients[0]?.hangUp();
    await systemd.untilLeft(15);
    const next = await open("/logs?unit=a&follow=true");
    expect(next.status).toBe(200);
    for (const each of [...clients, next]) each.hangUp();
    await systemd.untilLeft(0);
  });

  it("does not keep the server from stopping, and ends with it", async () => {
    await systemd.journal("silent");
    await Promise.all([1, 2].map(() => askWithoutReading("/logs?unit=a&follow=true")));
    await systemd.untilLeft(2);
    expect(await server.end("SIGTERM")).toBe(0);
    await systemd.untilLeft(0);
    server = await RunningServer.start(root);
  });
});
