import { describe, expect, it } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OpenStore, openStore } from "../store/index.ts";
import type { ApplyScope } from "./decision.ts";
import { TrialWatch, type WatchedHost } from "./trial-watch.ts";

const old = { "settings.motd": "old" };

/** A host whose clock and timers the test turns; its store is a real one. */
class Host implements WatchedHost {
  uptime = 100;
  bootId = "first";
  readonly applied: ApplyScope[] = [];
  readonly told: string[] = [];
  /** What the store is to fail with, once each. */
  readonly failures: Error[] = [];
  private timers: { atSeconds: number; then: () => void }[] = [];

  constructor(readonly opened: OpenStore) {}

  readonly clock = this.clockOf();
  private clockOf() {
    const host = this;
    return {
      get bootId() {
        return host.bootId;
      },
      uptimeSeconds: () => host.uptime,
    };
  }

  get store(): WatchedHost["store"] {
    return {
      trial: () => this.opened.trial(),
      continueTrial: (trial) => this.opened.continueTrial(trial),
      endTrial: async (end, id) => {
        const failure = this.failures.shift();
        if (failure !== undefined) throw failure;
        return this.opened.endTrial(end, id);
      },
    };
  }

  startApplier = async (scope: ApplyScope): Promise<void> => void this.applied.push(scope);
  onNotice = (text: string): void => void this.told.push(text);
  onFailure = (text: string): void => void this.told.push(`failed: ${text}`);

  wait = (ms: number, then: () => void): (() => void) => {
    const timer = { atSeconds: this.uptime + ms / 1000, then };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((one) => one !== timer);
    };
  };

  // After what it is given.
  watch = new TrialWatch(this);

  /** Lets time pass, and everything happen that is due. */
  async pass(seconds: number): Promise<void> {
    this.uptime += seconds;
    const due = this.timers.filter(({ atSeconds }) => atSeconds <= this.uptime);
    this.timers = this.timers.filter((timer) => !due.includes(timer));
    for (const { then } of due) then();
    // The store does one thing after the other, so this comes after all of them.
    await this.opened.discard("none");
    await Bun.sleep(0);
  }

  /** Commits a change on trial for a minute. */
  async tryChange(motd = "tried"): Promise<void> {
    await this.opened.stage("t", new Map([["settings.motd", motd]]));
    await this.opened.commit("t", undefined, this.watch.start(60));
    this.watch.changed();
  }

  /** The server ends and starts again, perhaps in another boot. */
  async restart(bootId: string, uptime: number): Promise<void> {
    this.watch.stop();
    this.bootId = bootId;
    this.uptime = uptime;
    this.watch = new TrialWatch(this);
    await this.watch.begin();
    await this.pass(0);
  }

  get motd() {
    return this.opened.live().get("settings.motd");
  }
}

async function withHost(run: (host: Host) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "pw-trial-"));
  try {
    const live = { format: 1, transaction: "", leaves: old };
    await writeFile(join(directory, "live.json"), JSON.stringify(live));
    await run(new Host(await openStore(directory)));
  } finally {
    await rm(directory, { recursive: true });
  }
}

const putBack = "The trial of settings.motd was not confirmed: the settings are as they were before";

describe("a trial", () => {
  it("is put back and applied when its time is up, not before", () =>
    withHost(async (host) => {
      await host.tryChange();
      await host.pass(59);
      expect([host.motd, host.applied]).toEqual(["tried", []]);
      await host.pass(1);
      expect([host.motd, host.applied]).toEqual(["old", [{ keys: ["settings.motd"] }]]);
      expect(host.told).toEqual([putBack]);
      expect(host.opened.lastTrial()?.end).toBe("time-up");
    }));

  it("that is confirmed stays when its time is up", () =>
    withHost(async (host) => {
      await host.tryChange();
      await host.opened.endTrial("confirmed");
      host.watch.changed();
      await host.pass(100);
      expect([host.motd, host.applied, host.told]).toEqual(["tried", [], []]);
    }));

  it("that is confirmed in the moment of its end is not put back, nor is the next one", () =>
    withHost(async (host) => {
      await host.tryChange();
      const confirmed = host.opened.endTrial("confirmed");
      await host.pass(60);
      await confirmed;
      await host.tryChange("second");
      await host.pass(59);
      expect([host.motd, host.told]).toEqual(["second", []]);
    }));

  it("goes on with the time that is left when the server starts again", () =>
    withHost(async (host) => {
      await host.tryChange();
      await host.restart("first", 150);
      await host.pass(9);
      expect(host.motd).toBe("tried");
      await host.pass(1);
      expect(host.motd).toBe("old");
    }));

  it("whose time was up while no server ran is put back when one starts", () =>
    withHost(async (host) => {
      await host.tryChange();
      await host.restart("first", 1000);
      expect([host.motd, host.applied]).toEqual(["old", [{ keys: ["settings.motd"] }]]);
    }));

  it("has all of its time again after a restart of the host, once, however the server ends meanwhile", () =>
    withHost(async (host) => {
      await host.tryChange();
      await host.restart("second", 20);
      await host.pass(30);
      await host.restart("second", 50);
      await host.pass(29);
      expect(host.motd).toBe("tried");
      await host.pass(1);
      expect(host.motd).toBe("old");
    }));

  it("is put back by the server at the second start of the host, if that was not done before", () =>
    withHost(async (host) => {
      await host.tryChange();
      await host.restart("second", 20);
      await host.restart("third", 20);
      expect([host.motd, host.opened.lastTrial()?.end]).toEqual(["old", "started-twice"]);
    }));

  it("that cannot be put back is tried again until it can", () =>
    withHost(async (host) => {
      await host.tryChange();
      host.failures.push(new Error("disk full"), new Error("disk full"));
      await host.pass(60);
      await host.pass(10);
      expect(host.motd).toBe("tried");
      await host.pass(10);
      expect(host.motd).toBe("old");
      const failed = "failed: Putting back a trial that nobody has confirmed: disk full";
      expect(host.told).toEqual([failed, failed, putBack]);
    }));

  it("that is put back stays so when applying it fails, and that is told", () =>
    withHost(async (host) => {
      await host.tryChange();
      host.startApplier = async () => {
        throw new Error("no applier");
      };
      host.watch.stop();
      await host.restart("first", 1000);
      expect(host.told).toEqual([
        putBack,
        "failed: The settings of a trial are put back, but applying them failed: no applier",
      ]);
      expect(host.motd).toBe("old");
    }));
});
