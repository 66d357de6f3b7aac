import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  forgetAttempt,
  forgetRefusal,
  readAttempt,
  readFailedTrial,
  recordAttempt,
  recordFailedTrial,
  refusedVersions,
  refuseVersion,
} from "./attempts.ts";

let root: string;
const directory = () => join(root, "var/lib/bottlerocket/update");
const NOON = "2026-02-01T12:00:00.000Z";

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "attempts-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe("the update that is tried", () => {
  it("is remembered with its version, the version it leaves and the time, until it is forgotten", async () => {
    await recordAttempt(root, { version: "1.1.0", from: "1.0.0" }, new Date(NOON));
    const attempt = { version: "1.1.0", from: "1.0.0", time: NOON };
    expect(await readAttempt(root)).toEqual(attempt);
    expect(JSON.parse(await readFile(join(directory(), "attempt.json"), "utf8"))).toEqual(attempt);
    await forgetAttempt(root);
    expect(await readAttempt(root)).toBeUndefined();
    expect(await readdir(directory())).toEqual([]);
  });

  it("is one: a new attempt replaces it, and what an earlier trial said", async () => {
    await recordAttempt(root, { version: "1.1.0", from: "1.0.0" });
    await recordFailedTrial(root, { version: "1.1.0", reason: "kubelet.service is failed", time: NOON });
    expect(await readFailedTrial(root)).toEqual({
      version: "1.1.0",
      reason: "kubelet.service is failed",
      time: NOON,
    });
    await recordAttempt(root, { version: "1.1.0", from: "1.0.0" });
    expect(await readFailedTrial(root)).toBeUndefined();
  });

  it("is none on a host that never updated, and there is nothing to forget", async () => {
    expect(await readAttempt(root)).toBeUndefined();
    expect(await readFailedTrial(root)).toBeUndefined();
    await forgetAttempt(root);
    await forgetRefusal(root, "1.1.0");
    expect(await readdir(root)).toEqual([]);
  });
});

describe("the versions that are refused", () => {
  it("are kept with their reasons, the newest reason of each, until one comes up well", async () => {
    const refusal = { reason: "it did not come up", time: NOON };
    await refuseVersion(root, "1.1.0", { ...refusal, reason: "another" });
    await refuseVersion(root, "1.2.0", refusal);
    await refuseVersion(root, "1.1.0", refusal);
    expect([...(await refusedVersions(root))]).toEqual([
      ["1.1.0", refusal],
      ["1.2.0", refusal],
    ]);
    await forgetRefusal(root, "1.1.0");
    expect([...(await refusedVersions(root))]).toEqual([["1.2.0", refusal]]);
  });

  it("are none where the file is missing or nobody of us has written it; its right entries count", async () => {
    expect((await refusedVersions(root)).size).toBe(0);
    await mkdir(directory(), { recursive: true });
    const refused = async (text: string) => {
      await writeFile(join(directory(), "refused.json"), text);
      return [...(await refusedVersions(root)).keys()];
    };
    expect(await refused("{")).toEqual([]);
    expect(await refused('{"version":"1.1.0"}')).toEqual([]);
    expect(await refused(`[null, {"version":"1.1.0"}, {"version":"1","reason":"r","time":"t"}]`)).toEqual([
      "1",
    ]);
  });
});
