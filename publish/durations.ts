/** Times relative to another, as policies and options write them: "1 day", "in 2 weeks". Decides. */
import { type InstantNs, parseInstant } from "../host/update/index.ts";

export type DurationNs = bigint;

const SECOND_NS = 1_000_000_000n;
const units: Readonly<Record<string, DurationNs>> = {
  // The reference does not take minutes, so that its own emergency profile cannot be loaded.
  minute: 60n * SECOND_NS,
  hour: 3600n * SECOND_NS,
  day: 86_400n * SECOND_NS,
  week: 604_800n * SECOND_NS,
};

/** What is accepted, for messages. */
export const durationForm = 'a time like "30 minutes", "1 hour", "in 2 days" or "1 week"';

const LONGEST_NS = 1_000_000_000n * SECOND_NS; // 31 years: whatever it is added to is a date that can be written

/** The length of "[in] N UNIT", or undefined for any other text. */
export function parseDuration(text: string): DurationNs | undefined {
  const [, count = "", unit = ""] = /^(?:in )? *([0-9]+) +([a-z]+?)s?$/.exec(text.trim()) ?? [];
  const length = Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (length === undefined) return undefined;
  const duration = BigInt(count) * length;
  return duration <= LONGEST_NS ? duration : undefined;
}

/** A moment given as RFC 3339 or relative to now, or undefined. */
export function parseMoment(text: string, now: InstantNs): InstantNs | undefined {
  const duration = parseDuration(text);
  return duration === undefined ? parseInstant(text) : now + duration;
}

/** For people: "3d 4h", "45m". Rounded to minutes. */
export function durationText(duration: DurationNs): string {
  const minutes = Number((duration + 30n * SECOND_NS) / (60n * SECOND_NS));
  const parts = [
    [Math.floor(minutes / 1440), "d"],
    [Math.floor(minutes / 60) % 24, "h"],
    [minutes % 60, "m"],
  ] as const;
  const told = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count}${unit}`);
  return told.length === 0 ? "0" : told.join(" ");
}
