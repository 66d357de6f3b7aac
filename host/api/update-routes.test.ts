import { describe, expect, it } from "bun:test";
import { ExampleApi, json, some, text } from "./testing.ts";

describe("POST /actions of updates", () => {
  const actions = [
    ["/actions/refresh-updates", "refresh"],
    ["/actions/prepare-update", "prepare"],
    ["/actions/prepare-update?retry=false", "prepare"],
    ["/actions/prepare-update?retry=true", "prepare --retry"],
    ["/actions/activate-update", "activate"],
    ["/actions/deactivate-update?retry=true", "deactivate"],
  ] as const;
  for (const [uri, command] of actions) {
    it(`${uri} starts ${command}, and names it`, async () => {
      const api = new ExampleApi(some);
      expect(await api.ask("POST", uri)).toEqual({ status: 204, kind: "empty", body: "", command: "7" });
      expect(api.dispatched).toEqual([command]);
    });
  }

  for (const [exitCode, status] of [
    [1, 500],
    [2, 500],
    [64, 423],
    [65, 409],
    [66, 404],
    [67, 404],
    [99, 500],
  ] as const) {
    it(`exit code ${exitCode} of the dispatcher is a ${status} with what it said, in one line`, async () => {
      const api = new ExampleApi(some);
      api.dispatcher = { exitCode, says: "09:00:00 [ERROR] Because\n09:00:01 [WARN] of that" };
      expect(await api.ask("POST", "/actions/prepare-update")).toEqual(text(status, "Because; of that"));
      api.dispatcher = { exitCode, says: "" };
      const without = text(status, `thar-be-updates prepare ended with exit code ${exitCode}`);
      expect(await api.ask("POST", "/actions/prepare-update")).toEqual(without);
    });
  }

  it("retry is true or false", async () => {
    const api = new ExampleApi(some);
    expect(await api.ask("POST", "/actions/prepare-update?retry=yes")).toEqual(
      text(400, 'The parameter retry is "yes"; accepted: true, false'),
    );
    expect(api.dispatched).toEqual([]);
  });

  it("a dispatcher that cannot be started is a failure of the server's own", async () => {
    const api = new ExampleApi(some);
    api.broken = new Error("no such file");
    expect(await api.ask("POST", "/actions/activate-update")).toEqual(
      text(500, "Starting the update command failed: no such file"),
    );
  });
});

describe("GET /updates", () => {
  it("status is what there is, a 423 while a command runs, and a 404 before the first", async () => {
    const api = new ExampleApi(some);
    expect((await api.ask("GET", "/updates/status")).status).toBe(404);
    api.updateStatus = "locked";
    expect((await api.ask("GET", "/updates/status")).status).toBe(423);
    const status = {
      update_state: "Idle",
      available_updates: [],
      chosen_update: null,
      active_partition: null,
      staging_partition: null,
      most_recent_command: null,
    } as const;
    api.updateStatus = status;
    expect(await api.ask("GET", "/updates/status")).toEqual(json(status));
  });

  it("a status that cannot be read is a failure of the server's own", async () => {
    const api = new ExampleApi(some);
    api.broken = new Error("not JSON");
    for (const uri of ["/updates/status", "/updates/progress"]) {
      expect(await api.ask("GET", uri)).toEqual(text(500, "Reading the update status failed: not JSON"));
    }
  });
});
