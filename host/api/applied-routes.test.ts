import { describe, expect, it } from "bun:test";
import type { AppliedCommit } from "../settings/index.ts";
import { ExampleApi, json, noContent, text } from "./testing.ts";

const commit = (id: string): AppliedCommit => ({
  id,
  "committed-at": "2026-01-02T03:04:05.678Z",
  keys: ["settings.motd"],
  state: "done",
  "duration-ms": 12,
  files: ["/etc/motd"],
  "removed-files": [],
  services: [],
  failures: [],
  warnings: [],
});

describe("GET /tx/applied", () => {
  it("shows all commits, or the one that is named", async () => {
    const api = new ExampleApi();
    expect(await api.ask("GET", "/tx/applied")).toEqual(json({ commits: [] }));
    api.commits = [commit("1"), commit("2")];
    expect(await api.ask("GET", "/tx/applied")).toEqual(json({ commits: [commit("1"), commit("2")] }));
    expect(await api.ask("GET", "/tx/applied?id=2")).toEqual(json({ commits: [commit("2")] }));
  });

  it("answers 404 for a commit that is not known, 400 for an empty id", async () => {
    const api = new ExampleApi();
    expect(await api.ask("GET", "/tx/applied?id=x")).toEqual(
      text(404, 'No commit "x" is known: only the last ones of this boot that were to be applied are'),
    );
    expect(await api.ask("GET", "/tx/applied?id=")).toEqual(
      text(400, "The parameter id is empty; give the id of a commit, or leave id out for all"),
    );
  });
});

describe("a request that is applied", () => {
  it("is answered with the reference's body, and the id of its outcome beside it", async () => {
    const api = new ExampleApi();
    api.commitId = "7";
    await api.ask("PATCH", "/settings?tx=t", '{"motd":"x"}');
    const reply = await api.ask("POST", "/tx/commit_and_apply?tx=t");
    expect(reply).toEqual({ ...json(["settings.motd"]), commit: "7" });
    expect(await api.ask("POST", "/tx/apply")).toEqual({ ...noContent, commit: "7" });
  });

  it("has its id also when the disk did not confirm the commit, because it is applied all the same", async () => {
    const api = new ExampleApi();
    api.commitId = "7";
    api.notSynced = true;
    await api.ask("PATCH", "/settings?tx=t", '{"motd":"x"}');
    expect(await api.ask("POST", "/tx/commit_and_apply?tx=t")).toMatchObject({ status: 500, commit: "7" });
  });

  it("has none when it is only committed", async () => {
    const api = new ExampleApi();
    api.commitId = "7";
    await api.ask("PATCH", "/settings?tx=t", '{"motd":"x"}');
    expect(await api.ask("POST", "/tx/commit?tx=t")).toEqual(json(["settings.motd"]));
  });
});
