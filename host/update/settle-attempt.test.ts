import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  readAttempt,
  readFailedTrial,
  recordAttempt,
  recordFailedTrial,
  refusedVersions,
  refuseVersion,
} from "./attempts.ts";
import { changeHostSets } from "./host-sets.ts";
import { settleAttempt } from "./settle-attempt.ts";
import { bootAttributes, makeHost, ROOT_DEVICE, startFrom } from "./testing.ts";

let root: string;
const SET_A = [4, 5];
const SET_B = [9, 10];
const NOON = "2026-02-01T12:00:00.000Z";

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "settle-attempt-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const place = () => ({ root, rootDevice: ROOT_DEVICE });
const settle = (running: string) => settleAttempt(place(), running, new Date(NOON));
const update = () => recordAttempt(root, { version: "1.1.0", from: "1.0.0" });
const refused = async () => Object.fromEntries(await refusedVersions(root));

describe("an update that failed", () => {
  it("is refused with what the failed boot said, told with how to retry, and settled once", async () => {
    await makeHost(root, "1/0/1", "2/0/0", SET_A);
    await update();
    await recordFailedTrial(root, { version: "1.1.0", reason: "kubelet.service is failed", time: NOON });
    expect(await settle("1.0.0")).toMatchObject({
      kind: "failed",
      text: "The update to 1.1.0 failed, and 1.0.0 runs again: kubelet.service is failed. It is not taken again by itself; apiclient update apply --retry takes it",
    });
    expect(await refused()).toEqual({ "1.1.0": { reason: "kubelet.service is failed", time: NOON } });
    expect(await readAttempt(root)).toBeUndefined();
    expect(await readFailedTrial(root)).toBeUndefined();
    expect(await settle("1.0.0")).toEqual({ kind: "none" });
  });

  it("changes no flags: the boot selector has already turned to the other set", async () => {
    await makeHost(root, "1/0/1", "2/0/0", SET_A);
    const before = await bootAttributes(root);
    await update();
    await settle("1.0.0");
    expect(await bootAttributes(root)).toEqual(before);
  });
});

describe("an update that succeeded", () => {
  it("is forgotten once it is marked good, and so is that it was refused before", async () => {
    await makeHost(root, "1/0/1", "2/0/0", SET_B);
    const other = { reason: "it did not come up", time: NOON };
    await refuseVersion(root, "1.1.0", other);
    await refuseVersion(root, "1.0.9", other);
    await update();
    expect((await settle("1.1.0")).kind).toBe("on-trial");
    expect(Object.keys(await refused())).toEqual(["1.1.0", "1.0.9"]);
    expect(await readAttempt(root)).toBeDefined();

    await changeHostSets(place(), "mark-successful-boot");
    expect((await settle("1.1.0")).kind).toBe("succeeded");
    expect(await readAttempt(root)).toBeUndefined();
    expect(await refused()).toEqual({ "1.0.9": other });
  });
});

describe("signpost rollback-to-inactive refuses nothing", () => {
  for (const [when, b] of [
    ["after the update was good", "2/0/1"],
    ["while it was on trial", "2/0/0"],
  ] as const) {
    it(when, async () => {
      await makeHost(root, "1/0/1", b, SET_B);
      await update();
      await changeHostSets(place(), "rollback-to-inactive");
      await startFrom(root, SET_A);
      expect((await settle("1.0.0")).kind).toBe("withdrawn");
      expect(await refused()).toEqual({});
      expect(await readAttempt(root)).toBeUndefined();
    });
  }
});

it("a host that never updated has nothing to settle", async () => {
  await makeHost(root, "1/0/1", "0/0/0", SET_A);
  expect(await settle("1.0.0")).toEqual({ kind: "none" });
});

it("an update that waits for its restart stays remembered", async () => {
  await makeHost(root, "1/0/1", "2/1/0", SET_A);
  await update();
  expect((await settle("1.0.0")).kind).toBe("waiting");
  expect(await readAttempt(root)).toMatchObject({ version: "1.1.0", from: "1.0.0" });
});
