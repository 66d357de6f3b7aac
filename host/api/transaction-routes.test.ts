import { describe, expect, it } from "bun:test";
import { ExampleApi, json, noContent, text } from "./testing.ts";

describe("transaction names", () => {
  for (const [method, path] of [
    ["PATCH", "/settings"],
    ["GET", "/tx"],
    ["DELETE", "/tx"],
    ["POST", "/tx/commit"],
    ["POST", "/tx/commit_and_apply"],
  ] as const) {
    it(`${method} ${path} refuses the empty name, where the reference mistakes it for all transactions`, async () => {
      const api = new ExampleApi();
      await api.ask("PATCH", "/settings?tx=other", '{"motd":"x"}');
      const reply = await api.ask(method, `${path}?tx=`, '{"motd":"x"}');
      expect(reply.status).toBe(400);
      expect(reply.body).toBe(
        'The parameter tx cannot name a transaction: it is empty; without tx the transaction is "default"',
      );
      expect([...api.pending.keys()]).toEqual(["other"]);
    });
  }

  it("are limited to what a file name holds: 250 encoded bytes are taken, 251 refused", async () => {
    const api = new ExampleApi();
    expect((await api.ask("PATCH", `/settings?tx=${"a".repeat(250)}`, '{"motd":"x"}')).status).toBe(204);
    expect((await api.ask("PATCH", `/settings?tx=${"a".repeat(251)}`, '{"motd":"x"}')).status).toBe(400);
    expect((await api.ask("PATCH", `/settings?tx=${"%C3%A9".repeat(42)}`, '{"motd":"x"}')).status).toBe(400);
  });
});

describe("a commit that would break a rule between settings", () => {
  const signal = '{"motd":"x","cloudformation":{"should-signal":true,"stack-name":"web"}}';
  const refusal = text(
    400,
    "Nothing was committed, because of:\nsettings.cloudformation.logical-resource-id: it is empty, but should-signal is true; accepted: the name that the signal is for, or should-signal = false",
  );
  for (const route of ["/tx/commit?tx=t", "/tx/commit_and_apply?tx=t"]) {
    it(`is refused as a whole, and can be mended and tried again: ${route}`, async () => {
      const api = new ExampleApi();
      await api.ask("PATCH", "/settings?tx=t", signal);
      expect(await api.ask("POST", route)).toEqual(refusal);
      expect([api.live.size, api.started.length]).toEqual([0, 0]);
      await api.ask("PATCH", "/settings?tx=t", '{"cloudformation":{"logical-resource-id":"nodes"}}');
      expect((await api.ask("POST", route)).status).toBe(200);
    });
  }

  it("counts what is removed", async () => {
    const api = new ExampleApi({
      "settings.cloudformation.should-signal": true,
      "settings.cloudformation.stack-name": "web",
      "settings.cloudformation.logical-resource-id": "nodes",
    });
    api.pending.set("t", new Map([["settings.cloudformation.logical-resource-id", null]]));
    expect(await api.ask("POST", "/tx/commit?tx=t")).toEqual(refusal);
    api.pending.set("t", new Map([...api.live.keys()].map((key) => [key, null])));
    expect((await api.ask("POST", "/tx/commit?tx=t")).status).toBe(200);
    expect(api.live.size).toBe(0);
  });

  it("counts what is live already", async () => {
    const api = new ExampleApi({ "settings.cloudformation.logical-resource-id": "nodes" });
    await api.ask("PATCH", "/settings", signal);
    expect((await api.ask("POST", "/tx/commit")).status).toBe(200);
  });
});

describe("applying", () => {
  it("api Check 21: starts the applier with the committed keys", async () => {
    const api = new ExampleApi();
    await api.ask("PATCH", "/settings?tx=t", '{"motd":"x","updates":{"seed":3}}');
    expect(await api.ask("POST", "/tx/commit_and_apply?tx=t")).toEqual(
      json(["settings.motd", "settings.updates.seed"]),
    );
    expect(api.started).toEqual([{ keys: ["settings.motd", "settings.updates.seed"] }]);
    expect((await api.ask("POST", "/tx/commit_and_apply?tx=t")).status).toBe(422);
  });

  it("starts it for everything, or for the given keys unchecked", async () => {
    const api = new ExampleApi();
    expect(await api.ask("POST", "/tx/apply")).toEqual(noContent);
    expect(await api.ask("POST", "/tx/apply?keys=settings.motd,what!")).toEqual(noContent);
    for (const keys of ["", "settings.motd,", ",settings.motd"]) {
      expect((await api.ask("POST", `/tx/apply?keys=${keys}`)).status).toBe(400);
    }
    expect(api.started).toEqual(["all", { keys: ["settings.motd", "what!"] }]);
  });

  it("applies a commit that the disk did not confirm, and then tells of the disk", async () => {
    const api = new ExampleApi();
    api.notSynced = true;
    await api.ask("PATCH", "/settings?tx=t", '{"motd":"x"}');
    expect(await api.ask("POST", "/tx/commit_and_apply?tx=t")).toEqual({
      ...text(
        500,
        'Making sure of the commit of transaction "t" failed: The disk did not confirm it. Look at the disk',
      ),
      code: "store/not-synced",
    });
    expect(api.started).toEqual([{ keys: ["settings.motd"] }]);
    await api.ask("PATCH", "/settings?tx=t", '{"motd":"y"}');
    expect((await api.ask("POST", "/tx/commit?tx=t")).status).toBe(500);
    expect(api.started).toHaveLength(1);
  });

  it("answers 500 when the applier fails", async () => {
    const api = new ExampleApi();
    api.broken = new Error("thar-be-settings ended with exit code 1");
    expect(await api.ask("POST", "/tx/apply")).toEqual(
      text(500, "Applying settings failed: thar-be-settings ended with exit code 1"),
    );
  });
});
