import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readHistory, TurnRecord } from "./history.ts";
import { commitOutcomes, lastReport } from "./outcomes.ts";
import { ExampleHost } from "./testing.ts";
import { noteToDo, readToDo } from "./to-do.ts";
import { applySettings, applyToDo } from "./turn.ts";

let example: ExampleHost;
let directory: string;
let ran: string[];
beforeEach(async () => {
  example = await ExampleHost.make();
  ({ directory, ran } = example);
});
afterEach(() => example.remove());

const host = () => example.host;
const commit = (id: string) => ({ id, committedAtMs: Date.UTC(2026, 0, 2) });
/** What the API tells of all commits: id, state and codes of failures. */
const told = async () => {
  const toDo = await readToDo(directory);
  return commitOutcomes(await readHistory(directory), toDo).map(({ id, state, failures }) =>
    [id, state, ...failures.map(({ code }) => code)].join(" "),
  );
};

const note = (...keys: string[]) => noteToDo(directory, { kind: "keys", keys });
const report = async () => lastReport(await readHistory(directory))?.runs ?? [];

describe("the to-do list", () => {
  test("is applied in one run, and is empty afterwards", async () => {
    await note("settings.good", "settings.other");
    await example.template("other", "fixed");
    await note("settings.good");
    const [result, ...more] = await applyToDo(host());
    expect(result).toMatchObject({ failures: [], stopped: false });
    expect(more).toEqual([]);
    expect(ran).toEqual(["run good|settings.good", "run other|settings.other"]);
    expect(await readToDo(directory)).toEqual([]);
    expect(await applyToDo(host())).toEqual([]);
  });

  test("a change that cannot be rendered does not keep the others from being applied, nor come back", async () => {
    await note("settings.bad");
    await note("settings.good");
    const results = await applyToDo(host());
    expect(results.map(({ stopped }) => stopped).sort()).toEqual([false, true]);
    expect(ran).toEqual(["run good|settings.good"]);
    expect(await readToDo(directory)).toEqual([]);
  });

  test("with everything on it everything is applied, after the keys", async () => {
    await noteToDo(directory, { kind: "all" });
    await note("settings.good");
    await applyToDo(host());
    expect(ran).toEqual(["run good|settings.good", "run bad|all", "run good|all"]);
  });

  test("stays when the server is gone in the middle", async () => {
    await note("settings.good");
    example.broken = () => {
      throw new Error("nobody there");
    };
    await expect(applyToDo(host())).rejects.toThrow("nobody there");
    expect(await readToDo(directory)).toHaveLength(1);
    example.broken = undefined;
    await applyToDo(host());
    expect(ran).toEqual(["run good|settings.good"]);
  });

  test("a request that the server refuses is not tried for ever", async () => {
    await note("what!");
    example.broken = () => ({ status: 400, body: "an invalid key" });
    const [result] = await applyToDo(host());
    expect(result?.failures.map(({ code }) => code)).toEqual(["apply/api"]);
    expect(await readToDo(directory)).toEqual([]);
  });

  test("has a request once, however often it is noted", async () => {
    for (let count = 0; count < 5; count++) await note("settings.good");
    await Promise.all([note("settings.other"), note("settings.good"), noteToDo(directory, { kind: "all" })]);
    expect(await readToDo(directory)).toHaveLength(3);
  });

  test("an entry that nobody can read means everything", async () => {
    await mkdir(join(directory, "apply-to-do"));
    await writeFile(join(directory, "apply-to-do", "x.json"), '{"keys":[1');
    await writeFile(join(directory, "apply-to-do", ".tmp-0123456789abcdef"), "half");
    expect((await readToDo(directory)).map(({ request }) => request)).toEqual([{ kind: "all" }]);
  });
});

describe("what is told of a commit", () => {
  const noteFor = (id: string, ...keys: string[]) => noteToDo(directory, { kind: "keys", keys }, commit(id));

  test("waits, is applied, and is done or failed in the end, each by itself", async () => {
    await noteFor("1", "settings.good");
    await noteFor("2", "settings.bad");
    await noteToDo(directory, { kind: "all" }, commit("3"));
    expect(await told()).toEqual(["1 waiting", "2 waiting", "3 waiting"]);
    const seen: string[][] = [];
    await applyToDo({ ...host(), runCommand: async () => void seen.push(await told()) });
    expect(seen).toEqual([
      // The change that cannot be rendered was tried first, or comes after this one.
      expect.arrayContaining(["1 applying", "3 waiting"]),
      ["1 done", "2 failed apply/not-rendered", "3 applying"],
      ["1 done", "2 failed apply/not-rendered", "3 applying"],
    ]);
    // All mode is lenient about what cannot be rendered.
    expect(await told()).toEqual(["1 done", "2 failed apply/not-rendered", "3 done"]);
  });

  test("has its own keys, and the files, services and failures of the run that it was part of", async () => {
    await example.template("other", "fixed");
    await noteFor("1", "settings.good");
    await noteFor("2", "settings.other");
    example.failing.add("run other");
    await applyToDo(host());
    const outcomes = commitOutcomes(await readHistory(directory), []);
    expect(outcomes.map(({ keys }) => keys)).toEqual([["settings.good"], ["settings.other"]]);
    expect(outcomes[1]).toEqual({
      id: "2",
      "committed-at": "2026-01-02T00:00:00.000Z",
      keys: ["settings.other"],
      state: "failed",
      "duration-ms": expect.any(Number),
      files: [join(directory, "etc/good"), join(directory, "etc/other")],
      "removed-files": [],
      services: [
        { name: "good", outcome: "done", "duration-ms": expect.any(Number) },
        { name: "other", outcome: "failed", "duration-ms": expect.any(Number) },
      ],
      failures: [
        {
          code: "apply/restart",
          text: "The restart command of service other failed: run other: exit code 5",
          hint: expect.stringContaining("See the journal"),
        },
      ],
      warnings: [],
    });
  });

  test("is finished by the next process when one is killed or loses its server in the middle", async () => {
    await noteFor("1", "settings.good");
    // A process that is killed: what it wrote stays, and nothing of it goes on.
    const record = await TurnRecord.begin(host());
    void record.run(
      { kind: "keys", keys: ["settings.good"] },
      (await readToDo(directory))[0]?.commits ?? [],
      () => true,
      () => new Promise(() => undefined),
    );
    while ((await told()).join() !== "1 applying") await Bun.sleep(1);

    example.broken = () => {
      throw new Error("nobody there");
    };
    await expect(applyToDo(host())).rejects.toThrow("nobody there");
    expect(await told()).toEqual(["1 waiting"]);
    example.broken = undefined;
    await noteFor("2", "settings.good");
    await applyToDo(host());
    expect(await told()).toEqual(["1 done", "2 done"]);
  });

  test("stays what it was when a process is killed after recording it and before crossing it out", async () => {
    await noteFor("1", "settings.good");
    const [entry] = await readToDo(directory);
    example.failing.add("run good");
    await applyToDo(host());
    expect(await told()).toEqual(["1 failed apply/restart"]);
    await writeFile(entry?.path ?? "", JSON.stringify({ ...entry?.request, commits: entry?.commits }));
    example.failing.clear();
    await applyToDo(host());
    expect(ran).toHaveLength(2);
    expect(await told()).toEqual(["1 failed apply/restart"]);
  });

  test("goes on with the next note of the same request, and the list stays as short as before", async () => {
    for (let count = 0; count < 100; count++) await noteFor(String(count).padStart(3, "0"), "settings.good");
    expect(await readToDo(directory)).toHaveLength(1);
    // The last 64 are told of; the 32 that the API promises are among them.
    expect(await told()).toHaveLength(64);
    await applyToDo(host());
    const outcomes = await told();
    expect([outcomes[0], outcomes.length, outcomes.at(-1)]).toEqual(["036 done", 64, "099 done"]);
    for (let count = 100; count < 110; count++) {
      await noteFor(String(count), "settings.good");
      await applyToDo(host());
    }
    expect([(await told())[0], (await told()).at(-1)]).toEqual(["046 done", "109 done"]);
  });

  test("keeps the ids of notes that are made at the same time", async () => {
    await Promise.all(["1", "2", "3", "4"].map((id) => noteFor(id, "settings.good")));
    await applyToDo(host());
    expect(await told()).toEqual(["1 done", "2 done", "3 done", "4 done"]);
  });
});

describe("a file that cannot be written", () => {
  test("leaves its service as it is, and the next change tries again", async () => {
    await writeFile(join(directory, "etc"), "a file in the place of the directory");
    const { failures } = await applySettings(host(), { kind: "keys", keys: ["settings.good"] });
    expect(failures.map(({ code }) => code)).toEqual(["apply/not-written"]);
    expect(ran).toEqual([]);
    await rm(join(directory, "etc"));
    expect(await applySettings(host(), { kind: "keys", keys: ["settings.good"] })).toMatchObject({
      failures: [],
    });
    expect(ran).toEqual(["run good|settings.good"]);
  });

  test("is not remembered as applied in all mode either", async () => {
    await applySettings(host(), { kind: "all" });
    await rm(join(directory, "etc"), { recursive: true });
    await writeFile(join(directory, "etc"), "");
    ran.length = 0;
    await applySettings(host(), { kind: "all" });
    expect(ran).toEqual(["run bad|all"]);
    expect(JSON.parse(await readFile(join(directory, "applied.json"), "utf8"))).not.toHaveProperty("good");
  });
});

test("a service that is being restarted has no record, so that a run that is killed meanwhile is made up for", async () => {
  const record = async () => JSON.parse(await readFile(join(directory, "applied.json"), "utf8"));
  const seen: unknown[] = [];
  const watching = { ...host(), runCommand: async () => void seen.push(await record()) };
  await applySettings(watching, { kind: "all" });
  await applySettings(watching, { kind: "all" });
  expect(seen).toEqual([{}, {}, {}, {}]);
  expect(Object.keys(await record())).toEqual(["bad", "good"]);
});

describe("the report", () => {
  test("has what was asked, written and restarted, with the time and every failure", async () => {
    example.failing.add("run good");
    await applySettings(host(), { kind: "all" });
    const [run, ...more] = await report();
    expect(more).toEqual([]);
    expect(run).toMatchObject({
      keys: "all",
      writtenPaths: [join(directory, "etc/good")],
      restarts: [
        { name: "bad", outcome: "done" },
        { name: "good", outcome: "failed" },
      ],
      failures: [
        {
          code: "apply/restart",
          text: "The restart command of service good failed: run good: exit code 5",
          hint: "See the journal of the service; the command is tried again with the next change that affects it",
        },
      ],
      warnings: [{ code: "apply/not-rendered" }],
    });
    expect(run?.startedAtMs).toBeGreaterThan(1e12);
    expect(run?.durationMs).toBeGreaterThanOrEqual(run?.restarts[1]?.durationMs ?? Number.NaN);
    expect((await stat(join(directory, "apply-history.json"))).mode & 0o777).toBe(0o600);
    expect((await readdir(directory)).filter((name) => name.startsWith(".tmp"))).toEqual([]);
  });

  test("is there too when the run ended early", async () => {
    example.broken = () => ({ status: 500, body: "no" });
    await expect(applySettings(host(), { kind: "keys", keys: ["settings.good"] })).rejects.toThrow();
    expect(await report()).toMatchObject([
      { keys: ["settings.good"], writtenPaths: [], restarts: [], failures: [{ code: "apply/api" }] },
    ]);
  });
});
