import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApplyHost, CallApi } from "../apply/index.ts";
import { log } from "../linux/log.ts";
import { buildModel, loadVariant } from "../settings/index.ts";
import { configureHost } from "./configure.ts";

let root: string;
let lines: string[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "pinwheel-configure-"));
  lines = [];
  await mkdir(join(root, "var/lib/bottlerocket"), { recursive: true });
  await mkdir(join(root, "sys/fs/cgroup/system.slice/running.service"), { recursive: true });
  await writeFile(
    join(root, "sys/fs/cgroup/system.slice/running.service/cgroup.events"),
    "populated 1\nfrozen 0\n",
  );
});
afterEach(() => rm(root, { recursive: true }));

const model = buildModel(
  loadVariant(
    JSON.stringify({
      variant: "example",
      arch: "x86_64",
      version: "1.11.1",
      "build-id": "0123abcd",
      groups: ["motd"],
      settings: {},
      metadata: {},
      services: {},
      "configuration-files": {},
    }),
  ),
);

const output = {
  toStdout: (line: string) => void lines.push(`out ${line.slice(9)}`),
  toStderr: (line: string) => void lines.push(`err ${line.slice(9)}`),
  now: () => new Date(0),
};

/** Configures with an API that gives these answers, by method and path; others are empty objects. */
async function configure(answers: Readonly<Record<string, { status: number; body: string }>>) {
  const requests: string[] = [];
  const ran: string[] = [];
  const call: CallApi = async (method, uri, body) => {
    requests.push([method, uri, body].filter((part) => part !== undefined).join(" "));
    const answer = answers[`${method} ${uri.split("?")[0]}`] ?? { status: 200, body: "{}" };
    if (answer.status === 0) throw new Error("nobody there");
    return answer;
  };
  const say = log("configure-host", "info", output);
  const applier: ApplyHost = {
    call,
    runtimeDirectory: join(root, "run/pinwheel"),
    runCommand: async (command) => void ran.push(command),
    daemonReload: async () => {},
    resolves: async () => false,
    log: say,
  };
  const ok = await configureHost({ root, call, model, log: say }, applier);
  const report = JSON.parse(await readFile(join(root, "run/pinwheel/boot-report.json"), "utf8"));
  const outcomes = report.steps.map(
    ({ name, outcome }: { name: string; outcome: string }) => `${name} ${outcome}`,
  );
  return { ok, requests, ran, outcomes, report };
}

describe("configuring the host", () => {
  test("runs its steps in order, and reports each with its time", async () => {
    await writeFile(join(root, "var/lib/bottlerocket/user-data.toml"), 'settings.motd = "x"\n');
    const { ok, requests, outcomes, report } = await configure({});
    expect(ok).toBe(true);
    expect(requests.filter((request) => !request.startsWith("GET"))).toEqual([
      'PATCH /settings?tx=bottlerocket-launch {"motd":"x"}',
      "POST /tx/commit?tx=bottlerocket-launch",
      "PATCH /settings?tx=bottlerocket-launch {}",
      "POST /tx/commit?tx=bottlerocket-launch",
    ]);
    expect(outcomes).toEqual([
      "user-data done",
      "commit done",
      "generators done",
      "commit-generated done",
      "apply done",
    ]);
    expect(Object.keys(report.steps[0])).toEqual([
      "name",
      "startedAtMs",
      "durationMs",
      "outcome",
      "problems",
    ]);
  });
  test("without user data that step is skipped", async () => {
    expect((await configure({})).outcomes[0]).toBe("user-data skipped");
  });
  test("a step that fails is told on stderr, and the later ones are run", async () => {
    const answers = {
      "POST /tx/commit": { status: 500, body: "disk full" },
      "GET /metadata/setting-generators": { status: 0, body: "" },
    };
    const { ok, outcomes } = await configure(answers);
    expect(ok).toBe(false);
    expect(outcomes).toEqual([
      "user-data skipped",
      "commit failed",
      "generators skipped",
      "commit-generated failed",
      "apply done",
    ]);
    expect(lines).toContain("err [ERROR] POST /tx/commit?tx=bottlerocket-launch: status 500: disk full\n");
  });
  test("an API that cannot be reached is a failure of the step that needs it", async () => {
    const { outcomes } = await configure({ "GET /metadata/setting-generators": { status: 0, body: "" } });
    expect(outcomes[2]).toBe("generators failed");
    expect(lines).toContain("err [ERROR] generators: nobody there\n");
  });
  test("user data counts as used once it is committed, not when it is staged", async () => {
    const marker = Bun.file(join(root, "var/lib/bottlerocket/early-boot-config.ran"));
    await writeFile(join(root, "var/lib/bottlerocket/user-data.toml"), 'settings.motd = "x"\n');
    await configure({ "POST /tx/commit": { status: 500, body: "disk full" } });
    expect(await marker.exists()).toBe(false);
    const { outcomes } = await configure({});
    expect(await marker.exists()).toBe(true);
    expect(outcomes.slice(0, 2)).toEqual(["user-data done", "commit done"]);
    expect((await configure({})).outcomes[0]).toBe("user-data skipped");
  });
  test("a commit with nothing pending is no failure", async () => {
    const { ok, outcomes } = await configure({ "POST /tx/commit": { status: 422, body: "nothing" } });
    expect([ok, outcomes[1]]).toEqual([true, "commit skipped"]);
  });
  test("user data that the API refuses is reported, and the marker is not written", async () => {
    await writeFile(join(root, "var/lib/bottlerocket/user-data.toml"), 'settings.motd = "x"\n');
    const { report } = await configure({ "PATCH /settings": { status: 400, body: "no" } });
    expect(report.steps[0].problems).toEqual([
      {
        source: "/var/lib/bottlerocket/user-data.toml",
        key: "",
        problem: "the API refused it with status 400: no",
        accepted: "",
      },
    ]);
    await expect(readFile(join(root, "var/lib/bottlerocket/early-boot-config.ran"))).rejects.toThrow(
      "ENOENT",
    );
  });
  test("a unit is restarted only if it runs; other commands always run", async () => {
    const commands = [
      "/bin/systemctl try-restart running.service",
      "/bin/systemctl try-restart resting.service",
      "/bin/other",
    ];
    const services = { a: { "configuration-files": [], "restart-commands": commands } };
    const { ran } = await configure({ "GET /services": { status: 200, body: JSON.stringify(services) } });
    expect(ran).toEqual(["/bin/systemctl try-restart running.service", "/bin/other"]);
  });
  test("no report that can be written does not stop it", async () => {
    await writeFile(join(root, "run"), "a file in the way");
    await expect(configure({})).rejects.toThrow("ENOTDIR"); // of this test's own reading of the report
    expect(lines.some((line) => line.includes("the boot report in") && line.startsWith("err"))).toBe(true);
    expect(lines.some((line) => line.includes("commit-generated: done"))).toBe(true);
  });
});
