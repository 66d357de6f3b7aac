/** Waiting for update commands, with a server that answers as a test says and a clock that goes as fast as it likes. */
import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { UpdateProgress, UpdateStatus } from "../../update/dispatcher/index.ts";
import type { Client } from "./run.ts";
import { type Pace, updateAction } from "./update-wait.ts";

let directory: string;
let server: Bun.Server<undefined> | undefined;
/** What was said, in order. */
let told: string[];
/** Milliseconds since the wait began. */
let nowMs: number;
let polls: number;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "pw-"));
  [told, nowMs, polls] = [[], 0, 0];
});
afterEach(async () => {
  await server?.stop(true);
  await rm(directory, { recursive: true });
});

const pace: Pace = {
  sleep: async (ms) => {
    nowMs += ms;
  },
  nowMs: () => nowMs,
};

type Answer = { readonly body: unknown; readonly status?: number } | "hang up";

/**
 * @param poll    the answer to the n-th look after the action, from 1
 * @param id      of the command; undefined for a server that knows none, as the reference's
 * @param before  the answer to the look before it
 */
function client(
  poll: (n: number) => Answer,
  id?: string,
  before: Answer = { body: "none yet", status: 404 },
): Client {
  const socketPath = join(directory, "api.sock");
  let isBegun = false;
  server = Bun.serve({
    unix: socketPath,
    fetch(request) {
      if (request.method === "POST") {
        isBegun = true;
        return new Response(null, {
          status: 204,
          headers: id === undefined ? {} : { "Pinwheel-Command": id },
        });
      }
      const answer = isBegun ? poll(++polls) : before;
      if (answer === "hang up") throw new Error("hang up");
      const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
      return new Response(text, { status: answer.status ?? 200 });
    },
  });
  const say = (line: string) => void told.push(line);
  const model = () => Promise.reject(new Error("nobody needs the model here"));
  const silent = { write: async () => true, print() {} };
  return {
    server: { socketPath, onStatus() {} },
    model,
    isTerminal: false,
    tell: say,
    info: say,
    warn: say,
    ...silent,
  };
}

const status = (timestamp: string, changes: object = {}): UpdateStatus => ({
  update_state: "Available",
  available_updates: [],
  chosen_update: null,
  active_partition: null,
  staging_partition: null,
  most_recent_command: {
    cmd_type: "refresh",
    cmd_status: "Success",
    timestamp,
    exit_status: 0,
    stderr: "",
    ...changes,
  },
});

const failureOf = (waiting: Promise<unknown>) =>
  waiting.then(
    () => "",
    (thrown: Error) => thrown.message,
  );
const run = (command: "refresh" | "prepare" | "activate" | "deactivate", of: Client) =>
  updateAction(of, command, "", pace);

describe("a server that knows the last command only", () => {
  const locked = { body: "locked", status: 423 };

  it("is asked until the command has another time than before; 423 is no failure", async () => {
    const old = { body: status("2031-05-01T09:00:00Z") };
    const done = { body: status("2031-05-01T09:00:01Z") };
    const of = client((n) => (n < 4 ? locked : n < 6 ? old : done), undefined, old);
    expect(JSON.parse((await run("refresh", of)).statusText)).toEqual(done.body);
    expect({ polls, nowMs }).toEqual({ polls: 6, nowMs: 600 });
  });

  for (const [command, count, ms, seconds] of [
    ["refresh", 99, 9900, 10],
    ["prepare", 1199, 599_500, 600],
    ["activate", 49, 4900, 5],
    ["deactivate", 49, 4900, 5],
  ] as const) {
    it(`updates Check 31: never changing its time, ${command} is given up after ${count} looks, ${seconds} s`, async () => {
      const old = { body: status("2031-05-01T09:00:00Z", { cmd_type: command }) };
      expect(
        await failureOf(
          run(
            command,
            client(() => old, undefined, old),
          ),
        ),
      ).toBe(
        `Unsure of the result of the update command ${command}: it had not ended after ${seconds} s. It may still go on; see apiclient update status`,
      );
      expect({ polls, nowMs }).toEqual({ polls: count, nowMs: ms });
    });
  }

  it("api Check 32: staying locked, refresh is given up after 10 s, with a line every 5 s", async () => {
    expect(
      await failureOf(
        run(
          "refresh",
          client(() => locked),
        ),
      ),
    ).toContain("had not ended after 10 s");
    expect({ polls, told }).toEqual({ polls: 99, told: ["Waiting for refresh, at most 5 s more"] });
  });

  it("updates Check 31: five answers of 500 end the waiting for refresh after 0.5 s", async () => {
    const message = await failureOf(
      run(
        "refresh",
        client(() => ({ body: "broken", status: 500 })),
      ),
    );
    expect(message).toStartWith(
      "Unsure of the result of the update command refresh: the status could not be read 5 times",
    );
    expect(nowMs).toBe(500);
    expect(told.at(-1)).toBe("Cannot read the update status (5 of 5): 500 broken");
  });

  it("failures are counted in total, also with good answers in between", async () => {
    const old = { body: status("2031-05-01T09:00:00Z") };
    const of = client((n) => (n % 2 === 0 ? old : { body: "x", status: 500 }), undefined, old);
    expect(await failureOf(run("refresh", of))).toContain("could not be read 5 times");
    expect(polls).toBe(9);
  });

  it("any answer but a status or 404 before the action is the end, and nothing is asked for", async () => {
    expect(
      await failureOf(
        run(
          "refresh",
          client(() => locked, undefined, locked),
        ),
      ),
    ).toBe("Cannot read the update status: GET /updates/status was answered with 423 Locked: locked");
    expect(polls).toBe(0);
  });

  it("a command that failed is told with its exit status and stderr", async () => {
    const failed = { cmd_status: "Failed", exit_status: 9, stderr: "boom\n" };
    const of = client(() => ({ body: status("2031-05-01T09:00:01Z", failed) }));
    expect(await failureOf(run("refresh", of))).toBe(
      "The update command refresh ended as Failed, exit status 9: boom",
    );
  });
});

describe("a server that names commands", () => {
  const none: UpdateProgress = { status: null, running: null, finished: [], sets: null, refused: [] };
  const running = (done: number): Answer => ({
    body: {
      ...none,
      running: {
        id: "7",
        command: "prepare",
        version: "2.3.4",
        started: "2031-05-01T09:00:00Z",
        progress: { image: "root", done, total: 1024 * 1024 * 1024 },
      },
    },
  });
  const ended = (id: string) => {
    const { most_recent_command: result } = status("2031-05-01T09:00:01Z");
    if (result === null) throw new Error("the status has no command");
    return { id, result };
  };

  it("is waited for as long as it says that the command moves: hours, where the reference gives up", async () => {
    const of = client(
      (n) => (n < 10_000 ? running(n * 1024) : { body: { ...none, finished: [ended("7")] } }),
      "7",
    );
    const { result } = await run("prepare", of);
    expect(result.cmd_status).toBe("Success");
    expect(nowMs).toBe(9999 * 500);
    expect(told[0]).toBe("preparing 2.3.4: root 0 %, 1 KiB of 1 GiB");
    expect(told[1]).toBe("preparing 2.3.4: root 0 %, 11 KiB of 1 GiB, 2 KiB/s, 145 h 38 min left");
  }, 30_000);

  it("is given up when nothing has moved for ten minutes", async () => {
    expect(
      await failureOf(
        run(
          "prepare",
          client(() => running(1), "7"),
        ),
      ),
    ).toContain("prepare: nothing has moved for 10 minutes");
    expect(nowMs).toBe(600_500);
  });

  it("tells the end of our command, whatever others have done since", async () => {
    const other = {
      ...none,
      status: status("2031-05-01T09:00:02Z", { cmd_type: "activate" }),
      finished: [ended("7"), ended("8")],
    };
    const { progress } = await run(
      "refresh",
      client(() => ({ body: other }), "7"),
    );
    expect(progress).toEqual(other);
    expect(polls).toBe(1);
  });

  it("that knows nothing of the command any more is asked five times", async () => {
    const message = await failureOf(
      run(
        "refresh",
        client(() => ({ body: none }), "7"),
      ),
    );
    expect(message).toContain("refresh: the server knows nothing of it");
    expect(polls).toBe(5);
  });

  it("may be away for as long as it takes to be restarted", async () => {
    const of = client((n) => (n < 3 ? running(n) : { body: { ...none, finished: [ended("7")] } }), "7");
    const path = of.server.socketPath;
    let isAway = false;
    const away: Client = {
      ...of,
      server: {
        ...of.server,
        get socketPath() {
          isAway = polls === 2 && nowMs < 20_000;
          return isAway ? `${path}.not-there` : path;
        },
      },
    };
    expect((await run("prepare", away)).result.cmd_status).toBe("Success");
    expect(nowMs).toBe(20_000);
  });

  it("is given up when it is away for longer", async () => {
    const of = client(() => running(1), "7");
    const path = of.server.socketPath;
    const away: Client = {
      ...of,
      server: {
        ...of.server,
        get socketPath() {
          return polls === 2 ? `${path}.not-there` : path;
        },
      },
    };
    expect(await failureOf(run("prepare", away))).toContain("prepare: the server has gone away");
  });
});
