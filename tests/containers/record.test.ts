/** What host-ctr leaves of a run, for the status of the host to tell: which image, how far a pull is, what went wrong. */
import { beforeAll, describe, expect, it } from "bun:test";
import { randomBytes } from "node:crypto";
import type { RunRecord } from "../../host/containers/run-record.ts";
import { type ContainerHost, untilTrue } from "./support/host.ts";
import { hostOfThisFile, sourceOf } from "./support/host-with-registry.ts";
import { manifestType, untilAsked } from "./support/image.ts";

const here = hostOfThisFile();

/** What is wrong with it is known once it was pulled. */
const unusable = { script: "true", user: "nobody-here" };

/** It waits for a runtime, so it is started before the others. */
let alone: ReturnType<ContainerHost["run"]> | undefined;
beforeAll(() => {
  const flags = ["--source=a/b:1", "--container-id=alone"];
  alone = here.host.run(["host-ctr", "-s", "/run/other/no.sock", "run", ...flags]);
});

/** The record once it is there and says something. */
async function recordThat(what: string, id: string, says: (found: RunRecord) => boolean): Promise<RunRecord> {
  let found: RunRecord | undefined;
  await untilTrue(what, async () => {
    found = await here.host.runRecord(id);
    return found !== undefined && says(found);
  });
  if (found === undefined) throw new Error(`no record of ${id}`);
  return found;
}

describe("the record of a run", () => {
  it("has the image by its digest, which stays when host-ctr is killed, and when the container has ended", async () => {
    const { manifestDigest: digest } = here.put("runs", untilAsked);
    const image = { source: sourceOf("runs"), digest };
    const up = { source: sourceOf("runs"), image, pulling: null, problem: null };
    const first = await here.host.runContainer("runs", sourceOf("runs"));
    await first.untilPrinted("up\n");
    expect(await here.host.runRecord("runs")).toEqual(up);
    first.kill("SIGKILL");
    await first.ended;
    // The name stands for another image by now; it is the first one that still runs.
    here.put("runs", `${untilAsked} # another`);
    const second = await here.host.runContainer("runs", sourceOf("runs"));
    await second.untilPrinted("container runs runs on");
    expect(await here.host.runRecord("runs")).toEqual(up);
    await second.stop();
    expect(await here.host.runRecord("runs")).toEqual(up);
  });

  it("has how much of an image has come, while it comes, of all that it is made of", async () => {
    const ballast = randomBytes(8 * 1024 ** 2);
    const held = Promise.withResolvers<void>();
    const made = here.put("comes", { script: untilAsked, ballast }, ({ kind }, response, bytes) => {
      if (kind === "manifests" || bytes.length < ballast.length) return false;
      response.writeHead(200, { "Content-Length": bytes.length });
      response.write(bytes.subarray(0, ballast.length / 2));
      void held.promise.then(() => response.end(bytes.subarray(ballast.length / 2)));
      return true;
    });
    const running = await here.host.runContainer("comes", sourceOf("comes"));
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
    expect(pulling).toMatchObject({ source: sourceOf("comes"), totalBytes: size });
    expect(pulling?.receivedBytes).toBeLessThan(size);
    held.resolve();
    await running.untilPrinted("up\n");
    expect((await here.host.runRecord("comes"))?.pulling).toBeNull();
    await running.stop();
  });

  it("has why an attempt to pull failed: reference, endpoint and status; not any more when it was asked to stop", async () => {
    const running = await here.host.runContainer("gone", sourceOf("gone"));
    const failed = await recordThat(
      "an attempt has failed",
      "gone",
      ({ pulling }) => !!pulling?.failedAttempt,
    );
    const asked = `GET http://${here.registry.address}/v2/gone/manifests/1: status 404 Not Found`;
    expect(failed.pulling?.failedAttempt).toStartWith(
      `pulling registry.test/gone:1: ${asked} (MANIFEST_UNKNOWN: not known to the registry); GET `,
    );
    expect(failed.pulling?.failedAttempt).toEndWith("; trying again after attempt 1 of 6");
    expect(failed.problem).toBeNull();
    await running.stop();
    expect(await here.host.runRecord("gone")).toEqual({
      source: sourceOf("gone"),
      image: null,
      pulling: null,
      problem: null,
    });
  });

  it("has what ended the last run until another run of the same source comes up", async () => {
    const first = await here.runContainer("flaky", unusable);
    expect((await first.ended).exitCode).toBe(1);
    const problem = (await here.host.runRecord("flaky"))?.problem ?? "";
    expect(problem).toContain('the image names the user "nobody-here"');

    const held = Promise.withResolvers<void>();
    here.put("flaky", untilAsked, ({ kind }, response, bytes) => {
      if (kind === "blobs") return false;
      response.writeHead(200, { "Content-Type": manifestType });
      void held.promise.then(() => response.end(bytes));
      return true;
    });
    const second = await here.host.runContainer("flaky", sourceOf("flaky"));
    const next = await recordThat("it is pulled again", "flaky", ({ pulling }) => pulling !== null);
    expect(next.problem).toBe(problem);
    held.resolve();
    await second.untilPrinted("up\n");
    expect((await here.host.runRecord("flaky"))?.problem).toBeNull();
    await second.stop();
  });

  it("has nothing of what was wrong with another source", async () => {
    const first = await here.runContainer("other", unusable);
    expect((await first.ended).exitCode).toBe(1);
    const second = await here.host.runContainer("other", sourceOf("another"));
    const next = await recordThat("it is pulled", "other", ({ pulling }) => pulling !== null);
    expect(next).toMatchObject({ source: sourceOf("another"), problem: null });
    await second.stop();
  });

  it("has why a container did not come up: its image", async () => {
    const running = await here.runContainer("stranger", unusable, ["--container-type=bootstrap"]);
    expect((await running.ended).exitCode).toBe(1);
    expect((await here.host.runRecord("boot.stranger"))?.problem).toContain(
      'the image names the user "nobody-here"',
    );
  });

  it("has why a container did not come up: that there is no runtime", async () => {
    expect((await alone)?.exitCode).toBe(1);
    const record = await here.host.runRecord("alone", "/run/other");
    expect(record?.problem).toContain("nobody answers on /run/other/no.sock");
  });
});
