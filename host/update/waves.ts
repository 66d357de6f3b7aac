/**
 * When the wave of a host opens (specification "updates" 6.2). Decides; it is given seed and time.
 *
 * An update's waves map bounds to start times. The wave of a seed reaches from the greatest bound below it to the
 * smallest bound that is not: (b, e].
 */
import type { InstantNs } from "./instants.ts";

/** Seeds that hosts are given: 0 to 2047. */
export const SEEDS = 2048;

/** Bounds above this are neither the start nor the end of any wave. */
export const HIGHEST_BOUND = 2048;

/** Bound → when the wave that begins there starts. */
export type Waves = ReadonlyMap<number, InstantNs>;

export type Wave =
  | { readonly kind: "none" }
  /** Before the first bound: ready at once, also before the update's first wave starts. */
  | { readonly kind: "initial" }
  | { readonly kind: "general"; readonly start: Bound; readonly end: Bound }
  /** Behind the last bound: everybody at its start. */
  | { readonly kind: "last"; readonly start: Bound };

export interface Bound {
  readonly seed: number;
  readonly time: InstantNs;
}

/**
 * The wave that a seed belongs to.
 *
 * @param seed  0 or more; seeds beyond 2048, which no host is given, belong behind the last bound
 */
export function waveOf(seed: number, waves: Waves): Wave {
  let start: Bound | undefined;
  let end: Bound | undefined;
  for (const [bound, time] of waves) {
    if (bound > HIGHEST_BOUND) continue;
    if (bound < seed) {
      if (start === undefined || bound > start.seed) start = { seed: bound, time };
    } else if (end === undefined || bound < end.seed) end = { seed: bound, time };
  }
  if (start === undefined) return { kind: end === undefined ? "none" : "initial" };
  return end === undefined ? { kind: "last", start } : { kind: "general", start, end };
}

/**
 * The first moment at which a host of this seed may update, or undefined if it always may.
 *
 * Within a general wave it counts with the absolute seed, not its distance from the wave's start. Uneven (the later a
 * wave, the more of its hosts wait for its end), but hosts in the field count this way and read the same manifest.
 */
export function readyAt(seed: number, waves: Waves): InstantNs | undefined {
  const wave = waveOf(seed, waves);
  switch (wave.kind) {
    case "none":
    case "initial":
      return undefined;
    case "last":
      return wave.start.time;
    case "general": {
      const { start, end } = wave;
      const perSeed = (end.time - start.time) / BigInt(end.seed - start.seed); // divided first, truncated to nanoseconds
      const spread = start.time + perSeed * BigInt(seed);
      const first = spread < end.time ? spread : end.time;
      return first > start.time ? first : start.time;
    }
  }
}

/** Whether a host of this seed may update now. */
export function isReady(seed: number, waves: Waves, now: InstantNs): boolean {
  const at = readyAt(seed, waves);
  return at === undefined || now >= at;
}

/** The first pair of bounds whose times do not increase with them, or undefined if all do. */
export function waveOutOfOrder(waves: Waves): { readonly before: Bound; readonly after: Bound } | undefined {
  const bounds = [...waves].map(([seed, time]) => ({ seed, time })).sort((a, b) => a.seed - b.seed);
  for (const [index, after] of bounds.entries()) {
    const before = bounds[index - 1];
    if (before !== undefined && before.time >= after.time) return { before, after };
  }
  return undefined;
}
