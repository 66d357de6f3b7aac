/**
 * When a pull that failed is tried again.
 *
 * @source  specification "containers" 8.7
 */

/** How often a pull is tried, the first time included. */
export const pullAttempts = 6;

const longestBaseMs = 30_000;

/**
 * How long to wait before a retry: 1, 2, 4, 8, 16 s, and 2 to 6 s more, so that hosts that booted together do not ask
 * together.
 *
 * @param retry   1 for the first
 * @param random  at least 0, less than 1
 */
export function retryDelayMs(retry: number, random: number): number {
  const baseMs = Math.min(1000 * 2 ** (retry - 1), longestBaseMs);
  return baseMs + 2000 + Math.floor(random * 4000);
}
