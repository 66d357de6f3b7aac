/** What a wave policy makes of a fleet: when each of its hosts updates. Decides; chance is handed in. */
import { readyAt, SEEDS } from "../host/update/index.ts";
import type { DurationNs } from "./durations.ts";
import { type PolicyWave, wavesOf } from "./wave-policy.ts";

/** When the hosts of a fleet update. */
export interface Rollout {
  /** A host each: seconds after the start of the release, ascending. */
  readonly updatedAfterS: Float64Array;
}

/** One host of every seed, each updating as soon as it may: the shares are exact. */
export function exactRollout(policy: readonly PolicyWave[]): Rollout {
  return { updatedAfterS: readyAfterS(policy).sort() };
}

/**
 * Hosts with seeds by chance, as they are given to real ones.
 *
 * @param checkEvery  hosts ask for updates that often, each beginning at a moment of its own
 * @param random      0 to below 1
 */
export function simulatedRollout(
  policy: readonly PolicyWave[],
  hosts: number,
  checkEvery: DurationNs,
  random: () => number,
): Rollout {
  const ready = readyAfterS(policy);
  const intervalS = seconds(checkEvery);
  const updatedAfterS = new Float64Array(hosts);
  for (let host = 0; host < hosts; host++) {
    const seed = Math.floor(random() * SEEDS);
    updatedAfterS[host] = (ready[seed] ?? 0) + random() * intervalS;
  }
  return { updatedAfterS: updatedAfterS.sort() };
}

/** How many hosts have updated by a time, those of this very moment included. */
export function updatedBy(rollout: Rollout, afterS: number): number {
  return firstWhere(rollout, (atS) => atS > afterS);
}

/** How many had updated just before a time. */
function updatedBefore(rollout: Rollout, afterS: number): number {
  return firstWhere(rollout, (atS) => atS >= afterS);
}

/** The index of the first host whose time is late enough. */
function firstWhere({ updatedAfterS }: Rollout, isLateEnough: (atS: number) => boolean): number {
  let [low, high] = [0, updatedAfterS.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isLateEnough(updatedAfterS[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The hour in which most hosts update: what the server that they fetch from has to bear. */
export function busiestHour({ updatedAfterS }: Rollout): {
  readonly fromS: number;
  readonly hosts: number;
} {
  let busiest = { fromS: 0, hosts: 0 };
  let first = 0;
  for (const [last, atS] of updatedAfterS.entries()) {
    while (atS - (updatedAfterS[first] ?? 0) >= 3600) first += 1;
    const hosts = last - first + 1;
    if (hosts > busiest.hosts) busiest = { fromS: updatedAfterS[first] ?? 0, hosts };
  }
  return busiest;
}

/** A wave as it comes out, beside what the policy asks for. */
export interface WaveOutcome {
  readonly startAfterS: number;
  /** The greatest seed of the wave before; its own begin above it. */
  readonly bound: number;
  /** Per cent that the policy allows by the end of this wave. */
  readonly askedPercent: number;
  /** Hosts that have updated just before the next wave opens; for the last wave, in the end. */
  readonly updated: number;
}

/** Every wave of a policy with what became of it. */
export function waveOutcomes(policy: readonly PolicyWave[], rollout: Rollout): readonly WaveOutcome[] {
  const bounds = [...wavesOf(policy, 0n).keys()];
  return policy.map(({ startAfter, fleetPercentage }, index) => {
    const next = policy[index + 1];
    return {
      startAfterS: seconds(startAfter),
      bound: bounds[index] ?? 0,
      askedPercent: next === undefined ? 100 : fleetPercentage,
      updated: updatedBefore(
        rollout,
        next === undefined ? Number.POSITIVE_INFINITY : seconds(next.startAfter),
      ),
    };
  });
}

/** Seed → seconds after the start of the release from which its hosts may update; 0 if they always may. */
function readyAfterS(policy: readonly PolicyWave[]): Float64Array {
  const waves = wavesOf(policy, 0n);
  return Float64Array.from({ length: SEEDS }, (_, seed) => seconds(readyAt(seed, waves) ?? 0n));
}

function seconds(duration: DurationNs): number {
  return Number(duration) / 1e9;
}
