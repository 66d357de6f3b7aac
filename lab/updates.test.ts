/** The process that serves a machine its updates; here a machine is a process that sleeps. */
import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./socket.ts";
import { isRunning, processStartedAt } from "./state.ts";
import { UpdateServer } from "./update-server.ts";
import { requireRepository, startUpdates, stopUpdates, updatesLog } from "./updates.ts";

const LIMIT_MS = 20_000;
let place: string;
let repository: string;
let machine: ChildProcess;

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "pinwheel-machine-"));
  repository = join(place, "repository");
  mkdirSync(join(repository, "metal-dev/x86_64"), { recursive: true });
  writeFileSync(join(repository, "metal-dev/x86_64/timestamp.json"), "{}");
  machine = spawn("sleep", ["1000"]);
});

afterEach(async () => {
  machine.kill();
  await stopUpdates(place);
  rmSync(place, { recursive: true });
});

async function serve(port: number): Promise<void> {
  const pid = machine.pid ?? 0;
  const pidStartedAt = (await processStartedAt(pid)) ?? "";
  await startUpdates(place, { directory: repository, port }, { pid, pidStartedAt });
}

const timestamp = (port: number) => fetch(`http://127.0.0.1:${port}/metal-dev/x86_64/timestamp.json?seed=7`);
const serving = () => JSON.parse(readFileSync(join(place, "updates.json"), "utf8"));

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`not so after ${LIMIT_MS} ms: ${isSo}`);
    await Bun.sleep(20);
  }
}

describe("a machine's updates", () => {
  it("are served while it runs, each request a line of the log, and no longer", async () => {
    const port = freePort();
    await serve(port);
    expect((await timestamp(port)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port}/targets/none`)).status).toBe(404);
    const lines = readFileSync(join(place, updatesLog), "utf8").trimEnd().split("\n");
    expect(lines.map((line) => line.slice(line.indexOf(" ") + 1))).toEqual([
      `serving ${repository}`,
      "200 GET /metal-dev/x86_64/timestamp.json?seed=7",
      "404 GET /targets/none",
    ]);
    const process = serving();
    machine.kill();
    await until(async () => !(await isRunning(process)));
  });

  it("are served on the same port by a process of the next start, whatever is left of the last one", async () => {
    const port = freePort();
    await serve(port);
    const before = serving();
    await serve(port);
    expect([await isRunning(before), (await timestamp(port)).status]).toEqual([false, 200]);
    await stopUpdates(place);
    await expect(timestamp(port)).rejects.toThrow();
  });

  it("are not served by anybody else: a port that is taken is told", async () => {
    await using other = await UpdateServer.start(repository);
    const { port } = other;
    await expect(serve(port)).rejects.toThrow(
      `${repository} is not served on port ${port}: Failed to start server. Is port ${port} in use?`,
    );
  });

  it("have to be there for its variant", async () => {
    await requireRepository(repository, "metal-dev");
    await expect(requireRepository(repository, "metal-base")).rejects.toThrow(
      `${repository} has no update repository for metal-base: ` +
        `there is no ${repository}/metal-base/x86_64/timestamp.json`,
    );
  });
});
