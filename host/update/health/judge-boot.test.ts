import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Log } from "../../linux/log.ts";
import { readAttempt, readFailedTrial, recordAttempt, refusedVersions, refuseVersion } from "../attempts.ts";
import { changeHostSets } from "../host-sets.ts";
import { attributesOf } from "../sample-table.ts";
import { settleAttempt } from "../settle-attempt.ts";
import { bootAttributes, makeHost, ROOT_DEVICE, startFrom } from "../testing.ts";
import { type JudgedHost, judgeBoot } from "./judge-boot.ts";
import { down, ListedHost, up } from "./testing.ts";
import { unmetChecks } from "./unmet-checks.ts";

let root: string;
const SET_A = [4, 5];
const SET_B = [9, 10];
const asked = { health: { units: ["a.service"], "time-limit": "1m" } };
const reason = "within 60 s these health checks did not hold: a.service is failed";

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "judge-boot-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** What judging left behind. */
class Judged extends ListedHost implements JudgedHost {
  readonly place = { root, rootDevice: ROOT_DEVICE };
  readonly version = "1.1.0";
  readonly errors: string[] = [];
  reboots = 0;
  readonly say: Log = {
    error: (message) => void this.errors.push(message),
    warn() {},
    info() {},
    debug() {},
    trace() {},
  };
  constructor(
    private readonly settings: unknown,
    units = [up],
  ) {
    super(units);
  }
  updates = async () => this.settings;
  reboot = async () => {
    this.reboots++;
  };
}

const flags = async () => (await bootAttributes(root)).map((bits) => `0x${bits?.toString(16)}`);
const flagsOf = (...sets: readonly string[]) => sets.map((text) => `0x${attributesOf(text).toString(16)}`);

describe("a set on trial", () => {
  beforeEach(async () => {
    await makeHost(root, "1/0/1", "2/0/0", SET_B);
    await recordAttempt(root, { version: "1.1.0", from: "1.0.0" });
    await refuseVersion(root, "1.1.0", { reason: "an earlier one", time: "2026-02-01T12:00:00.000Z" });
  });

  it("is marked good when its checks hold; the update has succeeded and is taken again", async () => {
    const host = new Judged(asked, [down, up]);
    expect(await judgeBoot(host)).toBe("good");
    expect(await flags()).toEqual(flagsOf("1/0/1", "2/0/1"));
    expect({ errors: host.errors, reboots: host.reboots }).toEqual({ errors: [], reboots: 0 });
    expect(await readAttempt(root)).toBeUndefined();
    expect((await refusedVersions(root)).size).toBe(0);
  });

  it("is marked good without any checks, as ever", async () => {
    expect(await judgeBoot(new Judged(undefined))).toBe("good");
    expect(await flags()).toEqual(flagsOf("1/0/1", "2/0/1"));
  });

  it("is given up when they do not hold in time: flags as they are, the reason kept and told, one restart", async () => {
    const host = new Judged(asked, [down]);
    expect(await judgeBoot(host)).toBe("given-up");
    expect(await flags()).toEqual(flagsOf("1/0/1", "2/0/0"));
    expect(host.reboots).toBe(1);
    expect(host.errors).toEqual([
      `Version 1.1.0 was started on trial and is not good: ${reason}. Rebooting into set A`,
    ]);
    expect(await readFailedTrial(root)).toMatchObject({ version: "1.1.0", reason });
  });

  it("is refused by the version that comes back, with that reason", async () => {
    await judgeBoot(new Judged(asked, [down]));
    await startFrom(root, SET_A);
    const settled = await settleAttempt({ root, rootDevice: ROOT_DEVICE }, "1.0.0");
    expect(settled).toMatchObject({ kind: "failed" });
    expect((await refusedVersions(root)).get("1.1.0")?.reason).toBe(reason);
  });

  it("is given up even where the reason cannot be kept", async () => {
    await rm(join(root, "var"), { recursive: true });
    await mkdir(join(root, "var"));
    await writeFile(join(root, "var/lib"), "");
    const host = new Judged(asked, [down]);
    expect(await judgeBoot(host)).toBe("given-up");
    expect(host.reboots).toBe(1);
    expect(host.errors[1]).toStartWith("Why it is given up cannot be kept for the version that comes back: ");
  });

  it("stays when somebody has marked it good meanwhile", async () => {
    class Meanwhile extends Judged {
      override async pause(ms: number): Promise<void> {
        await changeHostSets(this.place, "mark-successful-boot");
        await super.pause(ms);
      }
    }
    const host = new Meanwhile(asked, [down]);
    expect(await judgeBoot(host)).toBe("unhealthy");
    expect(host.reboots).toBe(0);
  });

  it("stays unmarked when its settings cannot be read: the timer of the boot ends its trial", async () => {
    const host = new Judged(asked);
    host.updates = () => Promise.reject(new Error("no API"));
    await expect(judgeBoot(host)).rejects.toThrow("no API");
    expect(await flags()).toEqual(flagsOf("1/0/1", "2/0/0"));
  });
});

describe("a set that nothing is gone back from", () => {
  // priority/tries left/successful/starts since it was good
  const table: [situation: string, a: string, b: string, after: [string, string]][] = [
    ["that was good before", "1/0/1/1", "2/1/0", ["1/0/1/0", "2/1/0"]],
    ["of a fresh installation", "1/0/1/0", "0/0/0", ["1/0/1/0", "0/0/0"]],
    ["on trial without another one to start", "2/0/0/0", "0/0/0", ["2/0/1/0", "0/0/0"]],
  ];
  for (const [situation, a, b, after] of table) {
    it(`${situation} is marked good and told to be unhealthy, without a restart`, async () => {
      await makeHost(root, a, b, SET_A);
      const host = new Judged(asked, [down]);
      expect(await judgeBoot(host)).toBe("unhealthy");
      expect(await flags()).toEqual(flagsOf(...after));
      expect(host.reboots).toBe(0);
      expect(host.errors).toEqual([
        `This boot stays, although ${reason}. Nothing is gone back to: no update is on trial`,
      ]);
      expect(await unmetChecks(root)).toEqual(["a.service is failed"]);
      expect(await readFailedTrial(root)).toBeUndefined();
    });
  }

  it("is well again when its checks hold the next time they are asked", async () => {
    await makeHost(root, "1/0/1", "0/0/0", SET_A);
    await judgeBoot(new Judged(asked, [down]));
    expect(await judgeBoot(new Judged(asked))).toBe("good");
    expect(await unmetChecks(root)).toEqual([]);
  });
});
