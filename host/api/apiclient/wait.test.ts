import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AppliedCommit } from "../../settings/index.ts";
import type { Client } from "./run.ts";
import { waitUntilApplied } from "./wait.ts";

let directory: string;
let server: Bun.Server<undefined> | undefined;
let told: string[];
/** What the server answers next; the last answer stays. */
let answers: (AppliedCommit | number)[];

const commit = (state: AppliedCommit["state"], more: Partial<AppliedCommit> = {}): AppliedCommit => ({
  id: "7",
  "committed-at": "2026-01-02T03:04:05.678Z",
  keys: ["settings.motd"],
  state,
  "duration-ms": null,
  files: [],
  "removed-files": [],
  services: [],
  failures: [],
  warnings: [],
  ...more,
});

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "pw-"));
  told = [];
  answers = [];
});
afterEach(async () => {
  await server?.stop(true);
  await rm(directory, { recursive: true });
});

function client(): Client {
  const socketPath = join(directory, "api.sock");
  server = Bun.serve({
    unix: socketPath,
    fetch(request) {
      expect(request.url).toEndWith("/tx/applied?id=7");
      const next = answers.length > 1 ? answers.shift() : answers[0];
      if (typeof next === "number") return new Response("not known", { status: next });
      return Response.json({ commits: [next] });
    },
  });
  const silent = { write: async () => true, print() {}, info() {}, warn() {} };
  const tell = (line: string) => void told.push(line.trimEnd());
  const model = () => Promise.reject(new Error("nobody needs the model here"));
  return { server: { socketPath, onStatus() {} }, model, isTerminal: true, tell, ...silent };
}

const failureOf = (waiting: Promise<void>) =>
  waiting.then(
    () => "",
    (thrown: Error) => thrown.message,
  );

describe("waiting for the outcome of a change", () => {
  it("ends once it is applied, with a line for each file and service", async () => {
    const warning = { code: "c", text: "A warning", hint: "Look" };
    const done = commit("done", {
      "duration-ms": 1234,
      files: ["/etc/chrony.conf"],
      "removed-files": ["/etc/old"],
      services: [{ name: "ntp", outcome: "done", "duration-ms": 987 }],
      warnings: [warning],
    });
    answers = [commit("waiting"), commit("applying"), done];
    await waitUntilApplied(client(), "7");
    expect(told).toEqual([
      "wrote /etc/chrony.conf",
      "removed /etc/old",
      "restarted ntp (1.0 s)",
      "warning: A warning. Look",
      "applied in 1.2 s",
    ]);
    expect(process.listenerCount("SIGINT")).toBe(0);
  });

  it("fails if something could not be applied, with every failure and its hint", async () => {
    const failed = commit("failed", {
      "duration-ms": 10,
      services: [{ name: "ntp", outcome: "failed", "duration-ms": 10 }],
      failures: [
        { code: "a", text: "The one failed", hint: "Do this" },
        { code: "", text: "The other failed.", hint: "" },
      ],
    });
    answers = [failed];
    expect(await failureOf(waitUntilApplied(client(), "7"))).toBe(
      "The settings are committed, but not everything could be applied:\n  The one failed. Do this\n  The other failed.",
    );
    expect(told).toEqual(["could not restart ntp (0.0 s)"]);
  });

  it("is ended by Ctrl-C, and says that applying goes on", async () => {
    answers = [commit("applying")];
    const waiting = failureOf(waitUntilApplied(client(), "7"));
    process.emit("SIGINT", "SIGINT");
    expect(await waiting).toBe(
      "Interrupted: the settings are committed, and applying them goes on; apiclient get '/tx/applied?id=7' shows how it went",
    );
    expect(process.listenerCount("SIGINT")).toBe(0);
  });

  it("fails if the server does not know the change any more", async () => {
    answers = [404];
    expect(await failureOf(waitUntilApplied(client(), "7"))).toBe(
      "The settings are committed, but what became of them is not known: GET /tx/applied?id=7 was answered with 404: not known",
    );
  });

  it("outlasts a server that is started again by the change", async () => {
    answers = [commit("applying")];
    const one = client();
    const waiting = waitUntilApplied(one, "7");
    await server?.stop(true);
    await rm(join(directory, "api.sock"), { force: true });
    answers = [commit("done", { "duration-ms": 0 })];
    client();
    await waiting;
    expect(told).toEqual(["applied in 0.0 s"]);
  });
});
