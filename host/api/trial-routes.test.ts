import { describe, expect, it } from "bun:test";
import { ExampleApi, json, text } from "./testing.ts";

const before = { "settings.motd": "before", "settings.updates.seed": 3 };

/** An API on which a change of two settings is on trial for a minute. */
async function onTrial(route = "commit_and_apply"): Promise<ExampleApi> {
  const api = new ExampleApi(before);
  await api.ask("PATCH", "/settings?tx=t", '{"motd":"tried"}');
  api.pending.set("t", new Map([...(api.pending.get("t") ?? []), ["settings.updates.seed", null]]));
  const reply = await api.ask("POST", `/tx/${route}?tx=t&try=60`);
  expect(reply).toEqual(json(["settings.motd", "settings.updates.seed"]));
  return api;
}

const keys = ["settings.motd", "settings.updates.seed"];
const liveOf = (api: ExampleApi) => Object.fromEntries(api.live);
const trial = (secondsLeft: number) =>
  json({ keys, seconds: 60, "seconds-left": secondsLeft, "after-restart": false });

describe("a commit on trial", () => {
  for (const route of ["commit", "commit_and_apply"]) {
    it(`is live at once, and its time runs: /tx/${route}`, async () => {
      const api = await onTrial(route);
      expect(liveOf(api)).toEqual({ "settings.motd": "tried" });
      expect(api.started).toEqual(route === "commit" ? [] : [{ keys }]);
      expect(await api.ask("GET", "/tx/trial")).toEqual(trial(60));
      api.uptime += 58.5;
      expect(await api.ask("GET", "/tx/trial")).toEqual(trial(2));
      api.uptime += 10;
      expect(await api.ask("GET", "/tx/trial")).toEqual(trial(0));
    });
  }

  it("stays once it is confirmed, and nothing is applied again", async () => {
    const api = await onTrial("commit");
    expect(await api.ask("POST", "/tx/confirm")).toEqual(json(keys));
    expect(liveOf(api)).toEqual({ "settings.motd": "tried" });
    expect(api.started).toEqual([]);
  });

  it("is put back and applied at once when that is asked for", async () => {
    const api = await onTrial("commit");
    expect(await api.ask("POST", "/tx/revert")).toEqual(json(keys));
    expect(liveOf(api)).toEqual(before);
    expect(api.started).toEqual([{ keys }]);
  });

  const good: [seconds: string, taken: boolean][] = [
    ["1", true],
    ["86400", true],
    ["86401", false],
    ["0", false],
    ["", false],
    ["-1", false],
    ["1.5", false],
    ["2m", false],
    ["1e3", false],
  ];
  for (const [seconds, taken] of good) {
    it(`of ${JSON.stringify(seconds)} seconds is ${taken ? "possible" : "refused, and commits nothing"}`, async () => {
      const api = new ExampleApi();
      await api.ask("PATCH", "/settings", '{"motd":"x"}');
      const reply = await api.ask("POST", `/tx/commit?try=${seconds}`);
      const says = `The parameter try is ${JSON.stringify(seconds)}; accepted: whole seconds, 1 to 86400`;
      expect(reply).toEqual(taken ? json(["settings.motd"]) : text(400, says));
      expect(api.live.size).toBe(taken ? 1 : 0);
    });
  }
});

describe("while a trial runs", () => {
  const refusal = text(
    409,
    "Nothing was committed, because a trial of settings.motd, settings.updates.seed runs, which is put back in 50 s. Confirm it (apiclient confirm, POST /tx/confirm) or put it back (apiclient revert, POST /tx/revert), then commit again",
  );
  for (const query of ["tx=u", "tx=u&try=5", "tx=bottlerocket-launch&try=5"]) {
    it(`another commit is refused, and what is pending stays: ${query}`, async () => {
      const api = await onTrial();
      api.uptime += 10;
      const name = query.split(/[=&]/)[1] ?? "";
      await api.ask("PATCH", `/settings?tx=${name}`, '{"ntp":{"time-servers":["192.0.2.1"]}}');
      expect(await api.ask("POST", `/tx/commit?${query}`)).toEqual(refusal);
      expect([...api.pending.keys()]).toEqual([name]);
      await api.ask("POST", "/tx/confirm");
      expect((await api.ask("POST", `/tx/commit?${query}`)).status).toBe(200);
    });
  }

  it("the boot's own transaction is committed: with a restart in between, its generated settings are", async () => {
    const api = await onTrial();
    await api.ask("PATCH", "/settings?tx=bottlerocket-launch", '{"updates":{"version-lock":"latest"}}');
    expect((await api.ask("POST", "/tx/commit?tx=bottlerocket-launch")).status).toBe(200);
    await api.ask("POST", "/tx/revert");
    expect(liveOf(api)).toEqual({ ...before, "settings.updates.version-lock": "latest" });
  });

  it("a commit of nothing is still a 422, which clients of the reference take for success", async () => {
    expect((await (await onTrial()).ask("POST", "/tx/commit")).status).toBe(422);
  });
});

describe("without a trial", () => {
  for (const [method, path] of [
    ["GET", "/tx/trial"],
    ["POST", "/tx/confirm"],
    ["POST", "/tx/revert"],
  ] as const) {
    it(`${method} ${path} is a 404 that tells how the last one ended`, async () => {
      expect(await new ExampleApi().ask(method, path)).toEqual(text(404, "No trial runs"));
      const api = await onTrial();
      const ends = [
        ["confirmed", "was confirmed"],
        ["reverted", "was put back because somebody asked for it"],
        ["time-up", "was put back because it was not confirmed in time"],
        ["started-twice", "was put back because the host started twice without its being confirmed"],
      ] as const;
      api.trial = undefined;
      for (const [end, says] of ends) {
        api.lastTrial = { keys: ["a", "b", "c", "d", "e", "f", "g"], end };
        expect(await api.ask(method, path)).toEqual(
          text(404, `No trial runs. The last one, of a, b, c, d, e and 2 more, ${says}`),
        );
      }
    });
  }
});

it("a failure to apply what is tried tells that it is put back by itself", async () => {
  const api = new ExampleApi(before);
  await api.ask("PATCH", "/settings", '{"motd":"tried"}');
  api.applierBroken = new Error("no applier");
  expect(await api.ask("POST", "/tx/commit_and_apply?try=60")).toEqual(
    text(500, "The settings are committed on trial for 60 s, but applying them failed: no applier"),
  );
  expect(await api.ask("GET", "/tx/trial")).toMatchObject({ status: 200 });
});

it("a failure to apply what was put back is told as such", async () => {
  const api = await onTrial("commit");
  api.applierBroken = new Error("no applier");
  expect(await api.ask("POST", "/tx/revert")).toEqual(
    text(500, "The settings are put back, but applying them failed: no applier"),
  );
  expect(liveOf(api)).toEqual(before);
});
