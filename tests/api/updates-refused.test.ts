/** The update dispatcher behind the API: commands that are refused, and what is answered then. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "bun:test";
import { rm, stat, writeFile } from "node:fs/promises";
import { commandNames } from "../../host/update/dispatcher/index.ts";
import { image, UpdateHost } from "./support/updates.ts";

let host: UpdateHost;
beforeAll(async () => {
  host = await UpdateHost.start();
}, 300_000);
afterAll(() => host?.stop());
beforeEach(() => host.begin());

const ask = (method: string, uri: string) => host.server.ask(method, uri);
const act = (action: string) => ask("POST", `/actions/${action}`);
const dispatcher = (...args: string[]) => host.run("/usr/bin/thar-be-updates", ...args);
const words = {
  refresh: "refresh-updates",
  prepare: "prepare-update",
  activate: "activate-update",
  deactivate: "deactivate-update",
};
const withDispatcher = (script: string, work: () => Promise<void>) =>
  host.withProgram("thar-be-updates", () => host.root.script("usr/bin/thar-be-updates", script), work);

describe("commands that are not run", () => {
  it("updates Check 25: in Idle all but refresh end with 65 and are a 409, and make a status file", async () => {
    for (const command of ["prepare", "activate", "deactivate"] as const) {
      expect((await dispatcher(command)).exitCode).toBe(65);
      expect((await act(words[command])).status).toBe(409);
    }
    expect(await host.status()).toEqual({
      update_state: "Idle",
      available_updates: [],
      chosen_update: null,
      active_partition: { image: image("1.11.1"), next_to_boot: true },
      staging_partition: null,
      most_recent_command: null,
    });
    expect(await host.updogCalls()).toEqual([]);
  });

  it("updates Check 25: without a chosen update, prepare ends with 66 and is a 404", async () => {
    await host.setStatus({ update_state: "Available" });
    expect((await dispatcher("prepare")).exitCode).toBe(66);
    const { status: code, body } = await act("prepare-update");
    expect({ code, body }).toEqual({
      code: 404,
      body: "There is no chosen update to prepare; look for one first: apiclient update check",
    });
  });

  it("updates Check 25: with nothing staged, activate and deactivate end with 67 and are a 404", async () => {
    await host.setStatus({ update_state: "Staged" });
    expect((await dispatcher("activate")).exitCode).toBe(67);
    expect((await act("activate-update")).status).toBe(404);
    await host.setStatus({ update_state: "Ready" });
    expect((await dispatcher("deactivate")).exitCode).toBe(67);
    expect((await act("deactivate-update")).status).toBe(404);
  });

  it("updates Check 26: while somebody holds the lock, every command ends with 64 and is a 423", async () => {
    const letGo = await host.holdLock();
    try {
      for (const command of commandNames) {
        expect((await dispatcher(command)).exitCode).toBe(64);
        const { status: code, body } = await act(words[command]);
        expect({ code, body }).toEqual({
          code: 423,
          body: "Another update command runs and holds /run/lock/thar-be-updates.lock; see how far it is: apiclient update status",
        });
      }
      expect((await ask("GET", "/updates/status")).status).toBe(423);
      expect(await host.progress()).toMatchObject({ status: null, running: null, finished: [] });
    } finally {
      await letGo();
    }
    expect((await ask("GET", "/updates/status")).status).toBe(404);
  });

  it("updates 8.2: the lock's file is made if it is not there, and root alone may hold it", async () => {
    const path = host.root.at("run/lock/thar-be-updates.lock");
    await rm(path);
    await host.act("refresh-updates");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it("updates Check 26: without a status file, GET /updates/status is a 404 that says what to do", async () => {
    await host.act("refresh-updates");
    await rm(host.root.at("run/cache/thar-be-updates/status.json"));
    const answer = await ask("GET", "/updates/status");
    expect(answer).toMatchObject({ status: 404, body: expect.stringContaining("apiclient update check") });
  });

  it("api 6.10: a status file that is no status is a 500, and so is the status of progress", async () => {
    await host.act("refresh-updates");
    await writeFile(host.root.at("run/cache/thar-be-updates/status.json"), "{");
    for (const uri of ["/updates/status", "/updates/progress"]) {
      const answer = await ask("GET", uri);
      expect(answer).toMatchObject({
        status: 500,
        body: expect.stringContaining("status.json cannot be read"),
      });
    }
    expect(await act("refresh-updates")).toMatchObject({
      status: 500,
      body: expect.stringContaining("status.json"),
    });
    expect((await dispatcher("refresh")).exitCode).toBe(1);
  });

  it("a command that is not run has let go of the lock when it says so", async () => {
    for (let round = 0; round < 20; round++) expect((await act("prepare-update")).status).toBe(409);
  });

  it("many who look at the status keep no command from running", async () => {
    let isOver = false;
    const look = async () => {
      while (!isOver) await Promise.all(Array.from({ length: 8 }, () => ask("GET", "/updates/status")));
    };
    const looking = look();
    for (let round = 0; round < 3; round++) await host.act("refresh-updates");
    isOver = true;
    await looking;
  });
});

describe("the answers of the dispatcher (api Check 22)", () => {
  for (const [exitCode, status] of [
    [0, 204],
    [1, 500],
    [2, 500],
    [64, 423],
    [65, 409],
    [66, 404],
    [67, 404],
  ] as const) {
    it(`exit code ${exitCode} is a ${status}, and what it says is the body`, async () => {
      await withDispatcher(`echo "12:00:00 [ERROR] because $*" >&2; exit ${exitCode}`, async () => {
        // No state and no choice keeps refresh from running.
        const commands = commandNames.filter((name) => name !== "refresh" || ![404, 409].includes(status));
        for (const command of commands) {
          const body = status === 204 ? "" : `because ${command}`;
          expect(await act(words[command])).toEqual({ status, body });
        }
      });
    });
  }

  it("an end by a signal is a 500", async () => {
    await withDispatcher("kill -9 $$", async () => {
      for (const command of commandNames) expect((await act(words[command])).status).toBe(500);
    });
  });

  it("retry goes to prepare alone, and is true or false", async () => {
    await withDispatcher('echo "$*" >&2; exit 65', async () => {
      expect((await act("prepare-update?retry=true")).body).toBe("prepare --retry");
      expect((await act("prepare-update?retry=false")).body).toBe("prepare");
      expect((await act("activate-update?retry=true")).body).toBe("activate");
      expect((await act("prepare-update?retry=1")).status).toBe(400);
    });
  });
});

describe("the command line of thar-be-updates", () => {
  for (const args of [
    [],
    ["frob"],
    ["refresh", "prepare"],
    ["refresh", "refresh"],
    ["refresh", "--frob"],
    ["refresh", "--socket-path"],
    ["refresh", "--log-level", "loud"],
    ["refresh", "--retry"],
  ]) {
    it(`updates 8.1: ${JSON.stringify(args)} is answered with the usage and exit code 2`, async () => {
      const ended = await dispatcher(...args);
      expect(ended).toMatchObject({ exitCode: 2, stdout: "" });
      expect(ended.stderr).toContain("Usage: thar-be-updates");
    });
  }

  it("updates 8.2: without sets that would start there is no first status: exit code 1", async () => {
    await host.setFlags("0/0/0", "0/0/0");
    const ended = await dispatcher("refresh");
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toContain("Neither set would start at the next boot");
  });
});
