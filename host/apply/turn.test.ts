import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { log } from "../linux/log.ts";
import type { ApplyHost } from "./apply.ts";
import { noteToDo, readToDo } from "./to-do.ts";
import { applySettings, applyToDo } from "./turn.ts";

let directory: string;
let ran: string[];
let failing: Set<string>;
/** What the API answers instead of what it should. */
let broken: (() => { status: number; body: string }) | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "pinwheel-turn-"));
  ran = [];
  failing = new Set();
  broken = undefined;
  await writeFile(join(directory, "good"), "{{ settings.motd }}");
  await writeFile(join(directory, "bad"), "{{ settings.nope }}");
});
afterEach(() => rm(directory, { recursive: true }));

/** An API with two services: settings.good is rendered, settings.bad cannot be. */
function host(): ApplyHost {
  const answer = (uri: string): unknown => {
    const { pathname, searchParams } = new URL(uri, "http://x");
    const names = (searchParams.get("names") ?? "good,bad").split(",");
    const entries = (of: (name: string) => unknown) =>
      Object.fromEntries(names.map((name) => [name, of(name)]));
    switch (pathname) {
      case "/metadata/affected-services":
        return Object.fromEntries(
          (searchParams.get("keys") ?? "").split(",").map((key) => [key, [key.replace("settings.", "")]]),
        );
      case "/services":
        return entries((name) => ({ "configuration-files": [name], "restart-commands": [`run ${name}`] }));
      case "/configuration-files":
        return entries((name) => ({
          path: join(directory, "etc", name),
          "template-path": join(directory, `${name}`),
        }));
      default:
        return { settings: { motd: "hello" } };
    }
  };
  return {
    call: async (_, uri) => broken?.() ?? { status: 200, body: JSON.stringify(answer(uri)) },
    runtimeDirectory: directory,
    runCommand: async (command, env) => {
      ran.push(`${command}|${env.CHANGED_SETTINGS ?? "all"}`);
      if (failing.has(command)) throw new Error("exit code 5");
    },
    daemonReload: async () => {},
    resolves: async () => false,
    cpuCount: async () => 2,
    fileRules: async () =>
      new Map(["good", "bad", "other"].map((name) => [name, { format: "text", mode: undefined }])),
    log: log("test", "off"),
  };
}

const note = (...keys: string[]) => noteToDo(directory, { kind: "keys", keys });
const report = async () => JSON.parse(await readFile(join(directory, "apply-report.json"), "utf8")).runs;

describe("the to-do list", () => {
  test("is applied in one run, and is empty afterwards", async () => {
    await note("settings.good", "settings.other");
    await writeFile(join(directory, "other"), "fixed");
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
    broken = () => {
      throw new Error("nobody there");
    };
    await expect(applyToDo(host())).rejects.toThrow("nobody there");
    expect(await readToDo(directory)).toHaveLength(1);
    broken = undefined;
    await applyToDo(host());
    expect(ran).toEqual(["run good|settings.good"]);
  });

  test("a request that the server refuses is not tried for ever", async () => {
    await note("what!");
    broken = () => ({ status: 400, body: "an invalid key" });
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
    ran = [];
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
    failing.add("run good");
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
    expect(run.startedAtMs).toBeGreaterThan(1e12);
    expect(run.durationMs).toBeGreaterThanOrEqual(run.restarts[1].durationMs);
    expect((await stat(join(directory, "apply-report.json"))).mode & 0o777).toBe(0o600);
    expect((await readdir(directory)).filter((name) => name.startsWith(".tmp"))).toEqual([]);
  });

  test("is there too when the run ended early", async () => {
    broken = () => ({ status: 500, body: "no" });
    await expect(applySettings(host(), { kind: "keys", keys: ["settings.good"] })).rejects.toThrow();
    expect(await report()).toMatchObject([
      { keys: ["settings.good"], writtenPaths: [], restarts: [], failures: [{ code: "apply/api" }] },
    ]);
  });
});
