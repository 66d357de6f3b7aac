import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApplyHost, CallApi } from "../apply/index.ts";
import { log } from "../linux/log.ts";
import { buildModel } from "../settings/index.ts";
import { testVariant } from "../settings/testing.ts";
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

const model = buildModel(testVariant({ groups: ["motd"], settings: {} }));

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
    runCommand: async (command) => {
      ran.push(command);
      if (command === "/bin/false") throw new Error("exit code 1");
    },
    daemonReload: async () => {},
    resolves: async () => false,
    cpuCount: async () => 2,
    fileRules: async () => new Map(),
    log: say,
  };
  const ok = await configureHost({ root, call, model, log: say }, applier);
  const report = JSON.parse(await readFile(join(root, "run/pinwheel/boot-report.json"), "utf8"));
  const outcomes = report.steps.map(
    ({ name, outcome }: { name: string; outcome: string }) => `${name} ${outcome}`,
  );
  const isGood = await Bun.file(join(root, "run/pinwheel/configured")).exists();
  return { ok, isGood, requests, ran, outcomes, report };
}

const userData = (text: string) => writeFile(join(root, "var/lib/bottlerocket/user-data.toml"), text);
const service = (command: string) => ({
  "GET /services": {
    status: 200,
    body: JSON.stringify({ a: { "configuration-files": [], "restart-commands": [command] } }),
  },
});
const live = (settings: object) => ({ "GET /": { status: 200, body: JSON.stringify({ settings }) } });
const generator = (command: string) => ({
  "GET /metadata/setting-generators": { status: 200, body: JSON.stringify({ "settings.motd": command }) },
});

describe("the image did its duty", () => {
  const tooLong = { boot: { kernel: { a: ["x".repeat(40_000)] } } };
  const table: [
    situation: string,
    isGood: boolean,
    answers: Readonly<Record<string, { status: number; body: string }>>,
    failedStep: string,
  ][] = [
    ["when nothing failed", true, {}, ""],
    [
      "when boot parameters do not fit",
      true,
      { ...service("prairiedog generate-boot-config"), ...live(tooLong) },
      "apply failed",
    ],
    [
      "when certificates in the settings are none",
      true,
      { ...service("/usr/bin/certdog"), ...live({ pki: { company: { data: "?", trusted: true } } }) },
      "apply failed",
    ],
    [
      "when a host container has no source",
      true,
      { ...service("/usr/bin/host-containers"), ...live({ "host-containers": { x: { enabled: true } } }) },
      "apply failed",
    ],
    [
      "not when it lacks the unit of a container that should run",
      false,
      {
        ...service("/usr/bin/bootstrap-containers create-containers"),
        ...live({ "bootstrap-containers": { x: { source: "r.example/a:1", mode: "always" } } }),
      },
      "apply failed",
    ],
    [
      "when there is no network to generate a setting from",
      true,
      generator("netdog generate-hostname"),
      "generators failed",
    ],
    ["not when a restart command fails", false, service("/bin/false"), "apply failed"],
    ["not when a generator fails", false, generator("/bin/false"), "generators failed"],
    [
      "not when a commit fails",
      false,
      { "POST /tx/commit": { status: 500, body: "disk full" } },
      "commit failed",
    ],
    [
      "when the settings break a rule between them",
      true,
      { "POST /tx/commit": { status: 400, body: "Nothing was committed" } },
      "commit failed",
    ],
    ["not when the API fails", false, { "PATCH /settings": { status: 500, body: "" } }, "generators failed"],
  ];
  for (const [situation, isGood, answers, failedStep] of table) {
    test(situation, async () => {
      const result = await configure(answers);
      expect({ isGood: result.isGood, ok: result.ok }).toEqual({ isGood, ok: failedStep === "" });
      if (failedStep !== "") expect(result.outcomes).toContain(failedStep);
    });
  }
  test("when user data was refused", async () => {
    await userData("settings.motd = 5\n");
    const { ok, isGood, outcomes } = await configure({});
    expect({ ok, isGood, step: outcomes[0] }).toEqual({ ok: false, isGood: true, step: "user-data failed" });
  });
  test("and what an earlier run said of it does not count", async () => {
    await configure({});
    expect((await configure(service("/bin/false"))).isGood).toBe(false);
  });
});

describe("user data that was refused", () => {
  const problem = {
    source: "/var/lib/bottlerocket/user-data.toml",
    line: 1,
    column: 17,
    key: "settings.motd",
    problem: "found the integer 5",
    accepted: "a string",
    fault: "given",
  };
  const used = () => Bun.file(join(root, "var/lib/bottlerocket/early-boot-config.ran")).exists();

  test("fails one boot; left as it is, it is a warning of the later ones, with the same problems", async () => {
    await userData("settings.motd = 5\n");
    const first = await configure({});
    const { ok, outcomes, report, requests } = await configure({});
    expect(first.outcomes[0]).toBe("user-data failed");
    expect([ok, outcomes[0]]).toEqual([true, "user-data skipped"]);
    expect(report.steps[0].problems).toEqual([problem]);
    expect(first.report.steps[0].problems).toEqual([problem]);
    expect(requests.filter((request) => request.includes("motd"))).toEqual([]);
    expect(lines.some((line) => line.startsWith("out [WARN] user-data: skipped"))).toBe(true);
    expect(await used()).toBe(false);
  });
  test("fails again when it was changed and is still wrong", async () => {
    await userData("settings.motd = 5\n");
    await configure({});
    await userData("settings.motd = 6\n");
    expect((await configure({})).outcomes[0]).toBe("user-data failed");
  });
  test("is used once it is corrected", async () => {
    await userData("settings.motd = 5\n");
    await configure({});
    await configure({});
    await userData('settings.motd = "x"\n');
    expect((await configure({})).outcomes[0]).toBe("user-data done");
    expect(await used()).toBe(true);
    expect(await Bun.file(join(root, "var/lib/bottlerocket/early-boot-config.refused")).exists()).toBe(false);
  });
});

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
      "summary",
      "problems",
    ]);
  });
  test("platform 2.3: no user data is a warning, which names the files that were found instead", async () => {
    await writeFile(join(root, "var/lib/bottlerocket/user_data.toml"), "");
    const { outcomes, report } = await configure({});
    expect(outcomes[0]).toBe("user-data skipped");
    const summary =
      "no user data: there is no /var/lib/bottlerocket/user-data.toml; found in /var/lib/bottlerocket: user_data.toml";
    expect(report.steps[0].summary).toBe(summary);
    expect(lines.some((line) => line.startsWith("out [WARN] ") && line.includes(summary))).toBe(true);
  });
  test("platform 8: a sysctl that cannot be set is an error in log and report, and no failure", async () => {
    const { ok, report } = await configure({
      ...service("corndog sysctl"),
      ...live({ kernel: { sysctl: { "a.b": "1" } } }),
    });
    expect(ok).toBe(true);
    expect(report.steps[4].problems).toEqual([
      expect.objectContaining({ key: 'settings.kernel.sysctl."a.b"', fault: "given" }),
    ]);
    expect(lines.filter((line) => line.includes('sysctl."a.b": was not set'))).toHaveLength(1);
    expect(lines.find((line) => line.includes("was not set"))).toStartWith("err [ERROR]");
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
        fault: "given",
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
  test("restart commands of ours start no program, and those with nothing to do touch nothing", async () => {
    const commands = [
      "/usr/bin/certdog",
      "/usr/bin/host-containers",
      "/usr/bin/bootstrap-containers create-containers",
      "/usr/bin/corndog sysctl",
      "/usr/bin/corndog lockdown",
      "/usr/bin/static-pods",
    ];
    for (const path of ["etc/pki/tls/certs", "usr/share/factory/etc/pki/tls/certs"]) {
      await mkdir(join(root, path), { recursive: true });
      await writeFile(join(root, path, "ca-bundle.crt"), "not parsed\n");
    }
    const inEtc = async () => (await readdir(join(root, "etc"), { recursive: true })).sort();
    const before = await inEtc();
    const services = { a: { "configuration-files": [], "restart-commands": commands } };
    const { ok, ran } = await configure({
      "GET /services": { status: 200, body: JSON.stringify(services) },
      ...live({ kubernetes: {} }),
    });
    expect([ok, ran]).toEqual([true, []]);
    // Written before everything, for what is looked up while files are rendered.
    expect(await inEtc()).toEqual([...before, "resolv.conf"]);
  });
  test("the agent of ECS gets its configuration here", async () => {
    const model = { os: { variant_id: "aws-ecs-1" }, settings: { ecs: {}, autoscaling: {} } };
    const { ok, ran } = await configure({
      ...service("/usr/bin/ecs-settings-applier"),
      "GET /": { status: 200, body: JSON.stringify(model) },
    });
    expect([ok, ran]).toEqual([true, []]);
    expect(await readFile(join(root, "etc/ecs/ecs.config.json"), "utf8")).toContain("aws-ecs-1");
  });
  test("the hostname is set here, as its unit runs only after the boot", async () => {
    await mkdir(join(root, "proc/sys/kernel"), { recursive: true });
    await writeFile(join(root, "proc/sys/kernel/hostname"), "localhost");
    const restart = {
      "configuration-files": [],
      "restart-commands": ["/bin/systemctl try-restart set-hostname.service"],
    };
    const { ran } = await configure({
      "GET /": {
        status: 200,
        body: JSON.stringify({ settings: { network: { hostname: "n1.example.com" } } }),
      },
      "GET /services": { status: 200, body: JSON.stringify({ hostname: restart }) },
    });
    expect(ran).toEqual([]);
    expect(await readFile(join(root, "proc/sys/kernel/hostname"), "utf8")).toBe("n1.example.com");
  });
  test("a reboot to reconcile is decided only where the settings ask for one", async () => {
    const condition = join(root, "run/pinwheel/reboot-to-reconcile");
    const asks = (value: boolean) => ({
      "GET /": {
        status: 200,
        body: JSON.stringify({ settings: { boot: { "reboot-to-reconcile": value } } }),
      },
    });
    await configure(asks(true));
    expect(existsSync(condition)).toBe(true);
    const failing = { "configuration-files": [], "restart-commands": ["/bin/false"] };
    const services = { status: 200, body: JSON.stringify({ failing }) };
    await configure({ ...asks(true), "GET /services": services });
    expect(existsSync(condition)).toBe(false);
    await configure(asks(true));
    await configure(asks(false));
    expect(existsSync(condition)).toBe(false);
  });
  test("no report that can be written does not stop it", async () => {
    await writeFile(join(root, "run"), "a file in the way");
    await expect(configure({})).rejects.toThrow("ENOTDIR"); // of this test's own reading of the report
    expect(lines.some((line) => line.includes("the boot report in") && line.startsWith("err"))).toBe(true);
    expect(lines.some((line) => line.includes("commit-generated: done"))).toBe(true);
  });
});
