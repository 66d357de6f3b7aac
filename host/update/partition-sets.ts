/**
 * The two sets and the flags that say which one starts next. Decides only.
 *
 * Terms: a *set* is boot, root and hash partition; *active* is the one that runs, *inactive* the other. The flags live
 * in bits 48–56 of the boot partition's attributes; bits 57–59 are ours and count how often in a row a successful set
 * was started without being marked good since. The boot selector (boot/selector/choice.c) follows the same rules.
 *
 * Source: specification "os-image" 1.3, "updates" 1.2, 2.2, 3.
 */
export type SetName = "A" | "B";

export function otherSet(set: SetName): SetName {
  return set === "A" ? "B" : "A";
}

export interface BootFlags {
  /** 0–15; 0 is never started. */
  readonly priority: number;
  /** 0–15; starts that the selector may still spend on a set that has not proven itself. */
  readonly triesLeft: number;
  /** This set has come up well at least once. */
  readonly successful: boolean;
  /** 0–7; starts of a successful set since it was last marked good. */
  readonly starts: number;
}

/** How many starts in a row a successful set may fail before the selector turns to the other one. */
const STARTS_BEFORE_FALLING_BACK = 3;

const FLAGS_MASK = 0xfffn << 48n;

/**
 * Reads the flags kept in a boot partition's table entry.
 *
 * @param attributes  unsigned 64-bit value of entry bytes 48–55
 * @throws never: every value is meaningful; bits 0–47 and 60–63 are ignored here
 */
export function readBootFlags(attributes: bigint): BootFlags {
  const bits = Number((attributes & FLAGS_MASK) >> 48n);
  return {
    priority: bits & 15,
    triesLeft: (bits >> 4) & 15,
    successful: ((bits >> 8) & 1) === 1,
    starts: (bits >> 9) & 7,
  };
}

/** The attributes with these flags; bits 0–47 and 60–63 stay as they are. */
export function withBootFlags(attributes: bigint, flags: BootFlags): bigint {
  const bits =
    flags.priority | (flags.triesLeft << 4) | (flags.successful ? 1 << 8 : 0) | (flags.starts << 9);
  return (attributes & ~FLAGS_MASK) | (BigInt(bits) << 48n);
}

/** Whether the selector would start a set with these flags. Priority 0 is never started, not even when successful. */
function isBootable(flags: BootFlags): boolean {
  return flags.priority > 0 && (flags.triesLeft > 0 || flags.successful);
}

/** Bootable, and has come up well at least once. */
function isProven(flags: BootFlags): boolean {
  return isBootable(flags) && flags.successful;
}

export interface Choice {
  /** Index of the boot partition that starts. */
  readonly index: number;
  /** The flags of all boot partitions as the selector writes them before it starts the chosen one. */
  readonly flags: readonly BootFlags[];
  /** The boot settings may be why the set did not come up twice: it is started once without them. */
  readonly withoutSettings: boolean;
}

/**
 * What the boot selector does with these boot partitions, given in table order.
 *
 * @param settings  whether there are boot settings; they do not change which set starts
 * @returns undefined when none is bootable
 */
export function chooseBootPartition(boots: readonly BootFlags[], settings = false): Choice | undefined {
  const best = indexOfBest(boots, isBootable);
  if (best === undefined) return undefined;
  // Only a set that has worked once is turned to: what made the other one fail may lie outside it.
  const fresh = indexOfBest(boots, (flags) => isProven(flags) && !isWornOut(flags));
  const counting = boots.filter(isProven).length > 1 || settings;
  const wornOut = counting && boots.some((flags, at) => at === best && isWornOut(flags));
  const index = wornOut ? (fresh ?? best) : best;
  // When every set has used up its starts nothing better is left than to give them their starts again, in turn.
  const startOver = wornOut && fresh === undefined;
  const flags = boots.map((before, at) => {
    const starts = startOver && isProven(before) ? 0 : before.starts;
    if (at !== index) return { ...before, starts };
    return {
      ...before,
      triesLeft: Math.max(before.triesLeft - 1, 0),
      // With nothing to fall back to, counting would only cost a write at every boot.
      starts: before.successful && counting ? starts + 1 : starts,
    };
  });
  const withoutSettings = settings && flags.some((after, at) => at === index && isWornOut(after));
  return { index, flags, withoutSettings };
}

/** The set that starts at the next boot, by the flags alone. */
export function nextSet(a: BootFlags, b: BootFlags): SetName | undefined {
  const index = chooseBootPartition([a, b])?.index;
  return index === undefined ? undefined : index === 0 ? "A" : "B";
}

function isWornOut(flags: BootFlags): boolean {
  return flags.successful && flags.starts >= STARTS_BEFORE_FALLING_BACK;
}

/** Strictly greater wins in table order: so a tie goes to the lower number. */
function indexOfBest(
  boots: readonly BootFlags[],
  eligible: (flags: BootFlags) => boolean,
): number | undefined {
  let best: number | undefined;
  let priority = 0;
  boots.forEach((flags, at) => {
    if (!eligible(flags) || flags.priority <= priority) return;
    best = at;
    priority = flags.priority;
  });
  return best;
}
