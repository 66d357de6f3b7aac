/** Watches over the trial that runs: when its time is up, its settings are put back and applied. */
import type { BootClock } from "../linux/boot-clock.ts";
import { failureText } from "../linux/failure.ts";
import {
  keysNotSynced,
  type OpenStore,
  secondsLeft,
  type Trial,
  type TrialEnd,
  type TrialStart,
  trialInBoot,
} from "../store/index.ts";
import type { ApplyScope } from "./decision.ts";
import type { Trials } from "./perform.ts";
import { someKeys } from "./trial-routes.ts";

/** What the watch needs. */
export interface WatchedHost {
  readonly store: Pick<OpenStore, "trial" | "continueTrial" | "endTrial">;
  readonly clock: BootClock;
  startApplier(scope: ApplyScope): Promise<unknown>;
  /** Told what the watch has done, and what it could not do. */
  onNotice(text: string): void;
  onFailure(text: string): void;
  /** Calls back once after a time, unless what it returns is called before. */
  wait?(ms: number, then: () => void): () => void;
}

// A disk that is full or broken may be mended; until then the settings stay that nobody has confirmed.
const RETRY_MS = 10_000;

export class TrialWatch implements Trials {
  private cancel: () => void = () => undefined;
  private readonly wait: NonNullable<WatchedHost["wait"]>;

  constructor(private readonly host: WatchedHost) {
    this.wait = host.wait ?? waitWithTimer;
  }

  start(seconds: number): TrialStart {
    const { bootId, uptimeSeconds } = this.host.clock;
    return { id: crypto.randomUUID(), seconds, bootId, startedAtSeconds: uptimeSeconds() };
  }

  /** Takes up the trial that an earlier run of the server, or an earlier boot, has left. */
  async begin(): Promise<void> {
    const { store, clock } = this.host;
    const trial = store.trial();
    if (trial === undefined) return;
    const now = trialInBoot(trial, clock.bootId);
    // Storewolf does this before anything is applied; this is for the boot in which it could not.
    if (now === "put-back") return this.putBack(trial, "started-twice");
    if (now.startedAtSeconds !== undefined) return this.watch(now);
    const started = { ...now, startedAtSeconds: clock.uptimeSeconds() };
    await store.continueTrial(started).catch((error: unknown) => {
      this.host.onFailure(`The time of a trial begins anew if this server ends early: ${failureText(error)}`);
    });
    this.watch(started);
  }

  changed(): void {
    this.watch(this.host.store.trial());
  }

  stop(): void {
    this.cancel();
  }

  private watch(trial: Trial | undefined): void {
    this.cancel();
    if (trial === undefined) return;
    const left = secondsLeft(trial, this.host.clock);
    this.cancel = this.wait(Math.max(0, left) * 1000, () => {
      // The timer does not count the time in which the host was suspended, nor hundredths of a second.
      if (secondsLeft(trial, this.host.clock) > 0) this.watch(trial);
      else void this.putBack(trial, "time-up");
    });
  }

  private async putBack(trial: Trial, end: TrialEnd): Promise<void> {
    const { store, startApplier, onNotice, onFailure } = this.host;
    let keys: readonly string[] | undefined;
    try {
      keys = await store.endTrial(end, trial.id);
    } catch (error) {
      keys = keysNotSynced(error);
      onFailure(`Putting back a trial that nobody has confirmed: ${failureText(error)}`);
      if (keys === undefined) {
        this.cancel = this.wait(RETRY_MS, () => void this.putBack(trial, end));
        return;
      }
    }
    // Somebody has confirmed or put it back in this very moment.
    if (keys === undefined) return;
    onNotice(`The trial of ${someKeys(keys)} was not confirmed: the settings are as they were before`);
    try {
      await startApplier({ keys });
    } catch (error) {
      onFailure(`The settings of a trial are put back, but applying them failed: ${failureText(error)}`);
    }
  }
}

function waitWithTimer(ms: number, then: () => void): () => void {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
}
