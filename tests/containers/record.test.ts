/** What host-ctr leaves of a run, for the status of the host to tell: which image, how far a pull is, what went wrong. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { RunRecord } from "../../host/containers/run-record.ts";
import { ContainerHost, type Running, untilTrue } from "./support/host.ts";
import { makeImage } from "./support/image.ts";
import { TestRegistry } from "./support/registry.ts";

let host: ContainerHost;
let registry: TestRegistry;

beforeAll(async () => {
  registry = await TestRegistry.start();
  host = await ContainerHost.start();
  await host.useRegistry(registry.address);
}, 600_000);

afterAll(async () => {
  await host?.remove();
  await registry?.stop();
});

const record = async (id: string, state = "/run/host-containerd"): Promise<RunRecord> =>
  JSON.parse(await readFile(host.at(`${state}/runs/${id}.json`), "utf8"));

/** The record once it is there and says something. */
async function recordThat(what: string, id: string, says: (found: RunRecord) => boolean): Promise<RunRecord> {
  let found: RunRecord | undefined;
  await untilTrue(what, async () => {
    if (existsSync(host.at(`/run/host-containerd/runs/${id}.json`))) found = await record(id);
    return found !== undefined && says(found);
  });
  return found ?? record(id);
}

const source = (name: string) => `registry.test/${name}:1`;
const lasting = "trap 'exit 0' TERM; echo up; while :; do busybox sleep 0.1; done";
const untilUp = (running: Running) =>
  untilTrue("the container runs", async () => running.stdout().includes("\nup\n"));

async function stop(running: Running): Promise<void> {
  running.kill("SIGTERM");
  await running.ended;
}

describe("the record of a run", () => {
  it("has the image by its digest, which stays when host-ctr is killed, and when the container has ended", async () => {
    const made = makeImage(host.tools, { script: lasting });
    registry.put("runs", made);
    const image = { source: source("runs"), digest: made.manifestDigest };
    const up = { source: source("runs"), image, pulling: null, problem: null };
    const first = await host.runContainer("runs", source("runs"));
    await untilUp(first);
    expect(await record("runs")).toEqual(up);
    first.kill("SIGKILL");
    await first.ended;
    // The name stands for another image by now; it is the first one that still runs.
    registry.put("runs", makeImage(host.tools, { script: `${lasting} # another` }));
    const second = await host.runContainer("runs", source("runs"));
    await untilTrue("it is taken over", async () => second.stdout().includes("container runs runs on"));
    expect(await record("runs")).toEqual(up);
    await stop(second);
    expect(await record("runs")).toEqual(up);
  });

  it("has how much of an image has come, while it comes, of all that it is made of", async () => {
    const ballast = randomBytes(8 * 1024 ** 2);
    const made = makeImage(host.tools, { script: lasting, ballast });
    const held = Promise.withResolvers<void>();
    registry.put("comes", made, ({ kind }, response, bytes) => {
      if (kind === "manifests" || bytes.length < ballast.length) return false;
      response.writeHead(200, { "Content-Length": bytes.length });
      response.write(bytes.subarray(0, ballast.length / 2));
      void held.promise.then(() => response.end(bytes.subarray(ballast.length / 2)));
      return true;
    });
    const running = await host.runContainer("comes", source("comes"));
    const { size } = [...made.blobs].reduce(
      (sum, [digest, bytes]) => ({ size: sum.size + (digest === made.manifestDigest ? 0 : bytes.length) }),
      { size: 0 },
    );
    const half = size - ballast.length / 2 - 1024 ** 2;
    const { pulling } = await recordThat(
      "half of it has come",
      "comes",
      (found) => (found.pulling?.receivedBytes ?? 0) > half,
    );
    expect(pulling).toMatchObject({ source: source("comes"), totalBytes: size });
    expect(pulling?.receivedBytes).toBeLessThan(size);
    held.resolve();
    await untilUp(running);
    expect((await record("comes")).pulling).toBeNull();
    await stop(running);
  });

  it("has why an attempt to pull failed: reference, endpoint and status; not any more when it was asked to stop", async () => {
    const running = await host.runContainer("gone", source("gone"));
    const failed = await recordThat(
      "an attempt has failed",
      "gone",
      ({ pulling }) => !!pulling?.failedAttempt,
    );
    const asked = `GET http://${registry.address}/v2/gone/manifests/1: status 404 Not Found`;
    expect(failed.pulling?.failedAttempt).toStartWith(
      `pulling registry.test/gone:1: ${asked} (MANIFEST_UNKNOWN: not known to the registry); GET `,
    );
    expect(failed.pulling?.failedAttempt).toEndWith("; trying again after attempt 1 of 6");
    expect(failed.problem).toBeNull();
    await stop(running);
    expect(await record("gone")).toEqual({
      source: source("gone"),
      image: null,
      pulling: null,
      problem: null,
    });
  });

  it("has what ended the last run until another run of the same source comes up", async () => {
    registry.put("flaky", makeImage(host.tools, { script: "true", user: "nobody-here" }));
    const first = await host.runContainer("flaky", source("flaky"));
    expect((await first.ended).exitCode).toBe(1);
    const { problem } = await record("flaky");
    expect(problem).toContain('the image names the user "nobody-here"');

    const held = Promise.withResolvers<void>();
    registry.put("flaky", makeImage(host.tools, { script: lasting }), ({ kind }, response, bytes) => {
      if (kind === "manifests") return false;
      void held.promise.then(() => response.end(bytes));
      return true;
    });
    const second = await host.runContainer("flaky", source("flaky"));
    const next = await recordThat("it is pulled again", "flaky", ({ pulling }) => pulling !== null);
    expect(next.problem).toBe(problem);
    held.resolve();
    await untilUp(second);
    expect((await record("flaky")).problem).toBeNull();
    await stop(second);
  });

  it("has nothing of what was wrong with another source", async () => {
    registry.put("other", makeImage(host.tools, { script: "true", user: "nobody-here" }));
    const first = await host.runContainer("other", source("other"));
    expect((await first.ended).exitCode).toBe(1);
    const second = await host.runContainer("other", source("another"));
    const next = await recordThat("it is pulled", "other", ({ pulling }) => pulling !== null);
    expect(next).toMatchObject({ source: source("another"), problem: null });
    await stop(second);
  });

  it("has why a container did not come up: its image, or that there is no runtime", async () => {
    registry.put("stranger", makeImage(host.tools, { script: "true", user: "nobody-here" }));
    const running = await host.runContainer("stranger", source("stranger"), ["--container-type=bootstrap"]);
    expect((await running.ended).exitCode).toBe(1);
    expect((await record("boot.stranger")).problem).toContain('the image names the user "nobody-here"');

    const words = ["host-ctr", "-s", "/run/other/no.sock", "run", "--source=a/b:1", "--container-id=alone"];
    expect((await host.run(words)).exitCode).toBe(1);
    const { problem } = await record("alone", "/run/other");
    expect(problem).toContain("nobody answers on /run/other/no.sock");
  });
});
