import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { organization as certificate } from "../platform/trust/testing.ts";
import { start } from "./testing.ts";

// The restart commands that read settings, as they are started. What they do to a host is tested in their rooms on a
// root directory of its own; here only what leaves the machine alone.

const directory = mkdtempSync(join(tmpdir(), "pinwheel-programs-"));
const socketPath = join(directory, "api.sock");
const requests: string[] = [];
/** What the API answers to everything. */
let reply: (method: string) => Response = () => new Response("nothing is set", { status: 404 });
let server: Bun.Server<undefined> | undefined;
beforeAll(() => {
  server = Bun.serve({
    unix: socketPath,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      requests.push(`${request.method} ${pathname} ${await request.text()}`.trim());
      return reply(request.method);
    },
  });
});
afterAll(async () => {
  await server?.stop(true);
  rmSync(directory, { recursive: true });
});

describe("a wrong command line", () => {
  const table: [command: string[], exitCode: number, problem: string][] = [
    [["certdog", "now"], 1, 'certdog: unknown argument "now"'],
    [["certdog", "--frob"], 1, "certdog: unknown option --frob"],
    [["certdog", "-t"], 1, "certdog: option -t needs a value"],
    [["certdog", "-l", "loud"], 1, 'certdog: --log-level is "loud"; accepted: off'],
    [["host-containers", "now"], 2, 'host-containers: unknown argument "now"'],
    [["host-containers", "-s", "x"], 2, "host-containers: unknown option -s"],
    [["host-containers", "--log-level"], 2, "host-containers: option --log-level needs a value"],
    [["static-pods", "--frob"], 2, "static-pods: unknown option --frob"],
    [["ecs-settings-applier", "-s", "x"], 2, "ecs-settings-applier: unknown option -s"],
    [["bootstrap-containers"], 1, "bootstrap-containers: a command is missing"],
    [["bootstrap-containers", "run"], 1, 'bootstrap-containers: unknown command "run"'],
    [
      ["bootstrap-containers", "mark-bootstrap", "--mode", "once"],
      1,
      "bootstrap-containers: mark-bootstrap needs --container-id and --mode",
    ],
    [
      ["bootstrap-containers", "mark-bootstrap", "--mode", "once", "--container-id", "a b"],
      1,
      'bootstrap-containers: --container-id is "a b"; accepted: 1 to 76 characters A-Z a-z 0-9 -',
    ],
    [
      ["bootstrap-containers", "mark-bootstrap", "x", "--mode", "once", "--container-id", "x"],
      1,
      "bootstrap-containers: after mark-bootstrap found 1 words; accepted: nothing",
    ],
  ];
  for (const [command, exitCode, problem] of table) {
    it(`${command.join(" ")}: exit ${exitCode}, and says how it is used`, async () => {
      const result = await start(...command);
      expect(result).toMatchObject({ exitCode, stdout: "" });
      expect(result.stderr).toStartWith(problem);
      expect(result.stderr).toContain(`Usage: ${command[0]} `);
    });
  }

  it("containers Check 2: mark-bootstrap with another mode ends with 1 and writes nothing to the API", async () => {
    requests.length = 0;
    const words = ["mark-bootstrap", "--container-id", "x", "--mode", "sometimes", "-s", socketPath];
    const result = await start("bootstrap-containers", ...words);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toStartWith(
      'bootstrap-containers: --mode is "sometimes"; accepted: off, once, always\n',
    );
    expect(requests).toEqual([]);
  });

  it("--help prints to stdout and exits 0", async () => {
    for (const program of [
      "certdog",
      "host-containers",
      "bootstrap-containers",
      "static-pods",
      "ecs-settings-applier",
    ]) {
      const result = await start(program, "--help");
      expect(result).toMatchObject({ exitCode: 0, stderr: "" });
      expect(result.stdout).toContain(`Usage: ${program} `);
    }
  });
});

describe("certdog", () => {
  const source = join(directory, "source.crt");
  const store = join(directory, "store.crt");
  const certdog = () => start("certdog", "-s", socketPath, "-t", store, "-b", source);

  it("writes the named store from the named source, with a comment before each certificate", async () => {
    writeFileSync(source, certificate);
    reply = () => new Response("nothing is set", { status: 404 });
    const result = await certdog();
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    expect(result.stdout).toContain("[INFO] 1 certificates are trusted");
    expect(readFileSync(store, "utf8")).toBe(`# Nur Ämter GmbH\n${certificate}\n`);
  });

  it("rendered-config Check 42: with an invalid bundle ends with 1, names its key and leaves the store", async () => {
    writeFileSync(store, "as it was");
    reply = () => Response.json({ pki: { company: { data: "aGk=", trusted: true } } });
    const result = await certdog();
    expect(result.exitCode).toBe(1);
    expect(result.stderr.replace(/^[0-9:]{8} /, "")).toBe(
      "[ERROR] The trusted certificates stay as they were: settings.pki.company.data: it contains no PEM block. Set the named settings to PEM text in base64, or to nothing\n",
    );
    expect(readFileSync(store, "utf8")).toBe("as it was");
  });

  it("an answer of the API that is no success is a failure, and the store stays (the reference reads it)", async () => {
    reply = () => Response.json({ pki: {} }, { status: 500 });
    const result = await certdog();
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain(
      "The API did not answer GET /settings?prefix=pki. as it should: status 500",
    );
    expect(readFileSync(store, "utf8")).toBe("as it was");
  });
});

describe("without anything to do", () => {
  const skip = existsSync("/etc/host-containers") || existsSync("/etc/bootstrap-containers");

  it.skipIf(skip)("host-containers and bootstrap-containers exit 0 when none are declared", async () => {
    reply = () => new Response("nothing is set", { status: 404 });
    for (const command of [["host-containers"], ["bootstrap-containers", "create-containers"]]) {
      const result = await start(...command, "--socket-path", socketPath);
      expect(result).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    }
  });

  it("a bootstrap container that runs at every boot is marked without the API", async () => {
    const words = ["mark-bootstrap", "--container-id", "x", "--mode", "always"];
    const result = await start("bootstrap-containers", "-s", join(directory, "none.sock"), ...words);
    expect(result).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  });
});

it("containers Check 10: mark-bootstrap asks the API to set the mode to off, and commits that", async () => {
  requests.length = 0;
  const declared = { "bootstrap-containers": { x: { mode: "once" } } };
  reply = (method) => (method === "GET" ? Response.json(declared) : new Response(null, { status: 204 }));
  const words = ["mark-bootstrap", "--container-id", "x", "--mode", "once", "--socket-path", socketPath];
  expect(await start("bootstrap-containers", ...words)).toMatchObject({ exitCode: 0, stderr: "" });
  expect(requests).toEqual([
    "GET /settings",
    'PATCH /settings {"bootstrap-containers":{"x":{"mode":"off"}}}',
    "POST /tx/commit_and_apply",
  ]);
});

it("an API that cannot be reached is one line that names the socket, exit 1", async () => {
  for (const command of [["certdog"], ["host-containers"], ["bootstrap-containers", "create-containers"]]) {
    const result = await start(...command, "--socket-path", join(directory, "none.sock"));
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(
      /^\d\d:\d\d:\d\d \[ERROR\] .*none\.sock: no such file \(is apiserver running\?\).*\n$/,
    );
  }
});
