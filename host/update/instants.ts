/** Moments as the update formats write them: RFC 3339. Decides. */

/** Nanoseconds since 1970, as exact as a manifest can be. */
export type InstantNs = bigint;

const rfc3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;

/** The moment of an RFC 3339 date-time, or undefined for any other text. */
export function parseInstant(text: string): InstantNs | undefined {
  if (!rfc3339.test(text)) return undefined; // Temporal takes much more
  try {
    return Temporal.Instant.from(text).epochNanoseconds;
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined; // the 30th of February
    throw thrown;
  }
}

/**
 * RFC 3339 in UTC, with as many digits after the second as the moment needs.
 *
 * @throws RangeError beyond what Temporal can tell, some 270,000 years from 1970
 */
export function instantText(instant: InstantNs): string {
  return new Temporal.Instant(instant).toString();
}
