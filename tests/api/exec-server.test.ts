/** The `/exec` endpoint, spoken to frame by frame. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { unlink } from "node:fs/promises";
import { encodeFrame, opcodes } from "../../host/api/apiclient/exec/frames.ts";
import { descriptorsOf, ExecClient, processesWith, residentBytes, until } from "./support/exec.ts";
import { TestRoot } from "./support/root.ts";
import { RunningServer } from "./support/server.ts";

let root: TestRoot;
let server: RunningServer;
beforeAll(async () => {
  root = await TestRoot.make();
  await root.runsCommandsHere();
  server = await RunningServer.start(root);
}, 300_000);
afterAll(async () => {
  await server?.end();
  await root?.remove();
});

const capacity = (written: number) =>
  `{"Capacity":{"max_messages_outstanding":1024,"messages_written":${written}}}`;
const block = new Uint8Array(4096).fill(65);

describe("the handshake of /exec", () => {
  it("api Check 15: another method is a 405, a request without it a 400, both without a body", async () => {
    expect(await server.ask("GET", "/exec")).toEqual({ status: 400, body: "" });
    const answer = await server.raw(
      "POST /exec HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    expect(answer).toStartWith("HTTP/1.1 405 ");
    expect(answer).toEndWith("\r\n\r\n");
  });

  for (const [what, lines] of [
    [
      "another version",
      "Upgrade: websocket\r\nSec-WebSocket-Version: 12\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ],
    ["no key", "Upgrade: websocket\r\nSec-WebSocket-Version: 13"],
    [
      "another protocol",
      "Upgrade: h2c\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ],
  ]) {
    it(`is refused with ${what}`, async () => {
      const head = `GET /exec HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\n${lines}\r\n\r\n`;
      expect(await server.raw(head)).toStartWith("HTTP/1.1 400 ");
    });
  }
});

describe("messages that end a session", () => {
  it("api Check 24: the first message is the capacity", async () => {
    const client = await ExecClient.open(server);
    expect(client.control).toEqual([capacity(0)]);
    client.hangUp();
  });

  const table: [
    what: string,
    send: (client: ExecClient) => void,
    code: number | undefined,
    reason: RegExp,
  ][] = [
    ["api Check 24: binary first", (c) => c.binary(block), 1008, /^Initialize has to come first$/],
    ["ContentComplete first", (c) => c.text('"ContentComplete"'), 1008, /^Initialize has to come first$/],
    [
      "api Check 24: no JSON",
      (c) => c.text("{"),
      1007,
      /^Invalid JSON in a control message: JSON Parse error/,
    ],
    [
      "an unknown message",
      (c) => c.text('{"Stop":{}}'),
      1007,
      /expected Initialize, Winch or ContentComplete$/,
    ],
    [
      "a second Initialize",
      (c) => {
        c.initialize("admin", ["cat"]);
        c.initialize("admin", ["cat"]);
      },
      1008,
      /^This session was initialized before$/,
    ],
    ["a target that is an option", (c) => c.initialize("--all", ["id"]), 1008, /^The target is not the name/],
    ["no target", (c) => c.initialize("", ["id"]), 1008, /^The target is not the name/],
    [
      "a word that no program can be given",
      (c) => c.text('{"Initialize":{"command":[{"Unix":[255]}],"target":"admin"}}'),
      1011,
      /^Cannot start the command: word 1 of the command is not UTF-8/,
    ],
    [
      "the client's own close",
      (c) => c.send(encodeFrame(opcodes.close, new Uint8Array([3, 232]))),
      1000,
      /^$/,
    ],
  ];
  for (const [what, send, code, reason] of table) {
    it(`${what}: ${code}`, async () => {
      const client = await ExecClient.open(server);
      send(client);
      const closed = await client.closed;
      expect(closed).toMatchObject({ code });
      expect(closed.reason).toMatch(reason);
    });
  }

  it("a frame of more than 65,536 bytes does, one of 65,536 does not", async () => {
    const client = await ExecClient.open(server);
    client.initialize("admin", ["head", "-c", "65536"]);
    client.binary(new Uint8Array(65_536));
    expect(await client.closed).toEqual({ code: 1000, reason: "0" });
    expect(client.outputBytes).toBe(65_536);
    const other = await ExecClient.open(server);
    other.initialize("admin", ["sleep", "7101"]);
    other.binary(new Uint8Array(65_537));
    await other.closed;
    await until(() => processesWith("sleep\x007101").length === 0, "the process has ended");
  });

  it("fragments of a message do not, where the reference closes with 1003 (api Check 24): it is taken whole", async () => {
    const client = await ExecClient.open(server);
    client.initialize("admin", ["head", "-c", "6"]);
    const [first, last] = [
      encodeFrame(opcodes.binary, Buffer.from("abc")),
      encodeFrame(opcodes.binary, Buffer.from("def")),
    ];
    first[0] = opcodes.binary; // not final
    last[0] = 0x80; // final, and the continuation of the one before
    client.send(first);
    client.send(last);
    expect(await client.closed).toEqual({ code: 1000, reason: "0" });
    expect(client.output).toBe("abcdef");
  });

  it("a window change before Initialize does not", async () => {
    const client = await ExecClient.open(server);
    client.text('{"Winch":{"rows":1,"cols":1}}');
    client.initialize("admin", ["cat"]);
    client.text('"ContentComplete"');
    expect(await client.closed).toEqual({ code: 1000, reason: "0" });
  });
});

describe("a command", () => {
  const id = "apiexec-[A-Za-z0-9]{16}";

  it("api Check 25: is run by ctr with these arguments and an empty environment, and its exit code is the reason", async () => {
    await root.script("usr/bin/ctr", 'echo "$@"; env; exit 9');
    const client = await ExecClient.open(server);
    client.text('{"Initialize":{"command":[{"Unix":[105,100]}],"target":"admin","more":1}}');
    expect(await client.closed).toEqual({ code: 1000, reason: "9" });
    expect(client.output).toMatch(
      new RegExp(`^-a /run/host-containerd/containerd.sock task exec --exec-id ${id} admin id\n`),
    );
    expect(client.output.split("\n").slice(1).sort()).toEqual(["", "PWD=/", "TERM=screen"]);
  });

  it("api Check 25: with a terminal has --tty and a terminal of the size", async () => {
    await root.script("usr/bin/ctr", 'echo "$@"; stty size; stty size <&1');
    const client = await ExecClient.open(server);
    client.initialize("admin", ["id"], { size: { rows: 40, cols: 132 } });
    expect(await client.closed).toEqual({ code: 1000, reason: "0" });
    expect(client.output).toMatch(new RegExp(`--exec-id ${id} --tty admin id\r\n40 132\r\n40 132\r\n$`));
  });

  it("api Check 25: killed by SIGKILL has the reason 137", async () => {
    await root.script("usr/bin/ctr", "kill -9 $$");
    const client = await ExecClient.open(server);
    client.initialize("admin", ["id"]);
    expect(await client.closed).toEqual({ code: 1000, reason: "137" });
  });

  it("of a ctr that is not there: 1011", async () => {
    await unlink(root.at("usr/bin/ctr"));
    const descriptors = descriptorsOf(server.pid);
    for (const tty of [null, {}]) {
      const client = await ExecClient.open(server);
      client.initialize("admin", ["id"], tty);
      const { code, reason } = await client.closed;
      expect(code).toBe(1011);
      expect(reason).toMatch(/^Cannot start the command: .*\/usr\/bin\/ctr/);
    }
    await until(() => descriptorsOf(server.pid) <= descriptors, "the descriptors are closed");
    await root.runsCommandsHere();
  });

  it("gets what is sent before ContentComplete, and nothing after", async () => {
    const client = await ExecClient.open(server);
    client.initialize("admin", ["cat"]);
    client.binary(Buffer.from("before"));
    client.text('"ContentComplete"');
    client.binary(Buffer.from("after"));
    expect(await client.closed).toEqual({ code: 1000, reason: "0" });
    expect(client.output).toBe("before");
  });

  it("that leaves a process behind ends the session within a second, and that process too", async () => {
    const client = await ExecClient.open(server);
    client.initialize("admin", ["sh", "-c", "sleep 7102 & echo done"]);
    expect(await client.closed).toEqual({ code: 1000, reason: "0" });
    expect(client.output).toBe("done\n");
    await until(() => processesWith("sleep\x007102").length === 0, "the process that was left has ended");
  });
});

describe("flow control", () => {
  it("api Check 26: a client that disregards it is closed with 1009, and the command is ended", async () => {
    const client = await ExecClient.open(server);
    client.initialize("admin", ["sleep", "7103"]);
    for (let n = 0; n < 2000; n++) client.binary(block);
    expect(await client.closed).toEqual({
      code: 1009,
      reason: "More input was sent than capacity was announced for",
    });
    await until(() => processesWith("sleep\x007103").length === 0, "the process has ended");
  });

  it("tells after every 128 messages how many are written", async () => {
    const client = await ExecClient.open(server);
    client.initialize("admin", ["cat"]);
    for (let n = 0; n < 300; n++) client.binary(new Uint8Array([65]));
    await client.until(() => client.outputBytes === 300);
    expect(client.control).toEqual([capacity(0), capacity(128), capacity(256)]);
    client.hangUp();
  });

  for (const tty of [null, {}]) {
    it(`holds up a command ${tty === null ? "with pipes" : "with a terminal"} whose output nobody takes, in little memory`, async () => {
      const client = await ExecClient.open(server);
      const size = 64 * 1024 * 1024;
      client.initialize(
        "admin",
        ["sh", "-c", `echo begun; head -c ${size} /dev/zero; echo over >/run/over`],
        tty,
      );
      await client.until(() => client.outputBytes > 0);
      client.pause();
      const before = residentBytes(server.pid);
      await Bun.sleep(2000);
      expect(residentBytes(server.pid) - before).toBeLessThan(16e6);
      expect(await root.text("run/over")).toBe("");
      client.resume();
      expect(await client.closed).toEqual({ code: 1000, reason: "0" });
      expect(client.outputBytes).toBe(size + (tty === null ? 6 : 7));
      await root.script("run/over", "");
      await unlink(root.at("run/over"));
    }, 60_000);
  }
});

describe("a session whose client is gone", () => {
  it("api Check 27: silent for more than 10 s, is dropped by 13 s without a close frame, and the command is ended", async () => {
    const client = await ExecClient.open(server);
    client.initialize("admin", ["sleep", "7104"]);
    await until(() => processesWith("sleep\x007104").length === 1, "the command runs");
    client.answersPings = false;
    expect(await client.closed).toEqual({ code: undefined, reason: "" });
    const silentMs = performance.now() - client.lastPongMs;
    expect(silentMs).toBeGreaterThan(10_000);
    expect(silentMs).toBeLessThan(13_000);
    await until(() => processesWith("sleep\x007104").length === 0, "the process has ended");
  }, 40_000);

  for (const tty of [null, {}]) {
    it(`hung up: a command ${tty === null ? "with pipes" : "with a terminal"} is ended with all that it has started, even against its will`, async () => {
      const client = await ExecClient.open(server);
      client.initialize(
        "admin",
        ["sh", "-c", "trap '' TERM HUP; sleep 7105 & echo up; cat >/dev/null; sleep 7105"],
        tty,
      );
      await client.until(() => client.output.includes("up"));
      client.hangUp();
      await until(() => processesWith("7105").length === 0, "all processes have ended");
    });
  }

  it("with a terminal: containerd is told, as ctr passes no signal on", async () => {
    const client = await ExecClient.open(server);
    client.initialize("admin", ["sleep", "7106"], {});
    await until(() => processesWith("sleep\x007106").length === 1, "the command runs");
    const [, id = ""] =
      /--exec-id (apiexec-\w+) --tty admin sleep 7106/.exec(await root.text("run/ctr.arguments")) ?? [];
    client.hangUp();
    await until(() => processesWith("sleep\x007106").length === 0, "the process has ended");
    expect(await root.text("run/ctr.arguments")).toContain(
      `-a /run/host-containerd/containerd.sock task kill --exec-id ${id} --signal SIGHUP admin\n`,
    );
  });
});

describe("many sessions", () => {
  it("32 at once each get their own output", async () => {
    const clients = await Promise.all(Array.from({ length: 32 }, () => ExecClient.open(server)));
    for (const [n, client] of clients.entries()) {
      const tty = n % 2 === 1;
      client.initialize("admin", ["sh", "-c", `cat; exit ${n}`], tty ? {} : null);
      client.binary(Buffer.from(`input ${n}\n`));
      if (tty) client.binary(new Uint8Array([4]));
      else client.text('"ContentComplete"');
    }
    for (const [n, client] of clients.entries()) {
      expect(await client.closed).toEqual({ code: 1000, reason: String(n) });
      expect(client.output).toContain(`input ${n}`);
    }
  }, 60_000);

  it("more than 64 at once are told so with 1013, and 64 again can be had afterwards", async () => {
    const clients = await Promise.all(Array.from({ length: 64 }, () => ExecClient.open(server)));
    const refused = await ExecClient.open(server).catch((error: unknown) => String(error));
    expect(refused).toBe(
      "Error: closed with 1013 All 64 exec sessions of this host are in use; try again later: ",
    );
    clients[0]?.hangUp();
    await until(() => server.printed.includes("the client has gone"), "the server has seen it");
    const next = await ExecClient.open(server);
    for (const client of [...clients, next]) client.hangUp();
  });

  it("200 one after another leave no process, no descriptor and no memory behind", async () => {
    const one = async (n: number) => {
      const client = await ExecClient.open(server);
      client.initialize("admin", ["sh", "-c", ": 7107; exit 3"], n % 2 ? {} : null);
      expect(await client.closed).toEqual({ code: 1000, reason: "3" });
    };
    for (let n = 0; n < 50; n++) await one(n);
    await until(() => processesWith("7107").length === 0, "the processes have ended");
    const [descriptors, memory] = [descriptorsOf(server.pid), residentBytes(server.pid)];
    for (let n = 0; n < 200; n++) await one(n);
    await until(() => descriptorsOf(server.pid) <= descriptors, "the descriptors are closed");
    await until(() => processesWith("7107").length === 0, "the processes have ended");
    expect(residentBytes(server.pid) - memory).toBeLessThan(8e6);
  }, 120_000);
});
